import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type Claim, claimsOf } from '../authors/prove.ts'
import type { Broker } from '../broker/broker.ts'
import { openBroker } from '../broker/choose.ts'
import { KINDS, type KindName } from '../broker/kinds/kind.ts'
import { Session } from '../check/session.ts'
import type { Io } from '../io.ts'
import { lessons as catalogue, findLesson } from '../lessons/catalogue.ts'
import { ROOT } from '../root.ts'
import { lookOf } from '../text/look.ts'
import { symbolsOf } from '../text/symbols.ts'
import { command } from './command.ts'
import { flag, oneOf, text, type Values } from './options.ts'
import { Room } from './room.ts'
import { type BrokerToProve, brokersToProve } from './series.ts'

/** How many exercises are judged side by side at least, and at most, where the machine has room for more. */
const SIDE_BY_SIDE = { least: 3, most: 8 }
/** Where the broker is restarted most of the time is waiting, and one restart serves all who wait for one. */
const RESTARTING_SIDE_BY_SIDE = { least: 2, most: 10 }
/** On brokers of their own, which cost next to nothing. */
const EMBEDDED_SIDE_BY_SIDE = { least: 2, most: 12 }
/** One for all that is being proven at the same time. */
const ROOM = new Room()

/** Tests of lab/ that have more to say where there are more brokers, or more time. */
const FURTHER_TESTS = [
  'test/conformance/rabbitmq.test.ts',
  'test/embedded/fuzz.test.ts',
  ...['contract', 'leftovers', 'cluster'].map((name) => `test/broker/${name}.test.ts`),
]

const OPTIONS = {
  content: flag('prove only the content, on one broker'),
  'all-brokers': flag('prove it on every broker that this machine can have'),
  broker: oneOf('broker', KINDS, 'prove it on this one'),
  only: text('NAME', 'a name', 'prove only what has NAME in its name'),
  whole: flag('let every mistake play the whole check'),
  further: flag('prove it on all brokers but those of npm test'),
}

interface Tally {
  passed: number
  failed: number
  /** What failed, to be said again at the end. */
  short: string[]
}

/**
 * `npm test`: the lab's own proof. The content of every lesson on one RabbitMQ, then the tests of lab/.
 *
 * A mistake plays only the scenarios that its expectation needs; with --whole it plays the whole check, and may fail one
 * expectation beside its own. --further runs, of the tests of lab/, only those that depend on the broker.
 */
export const prove = command({
  usage: 'npm test -- [LESSON ...]',
  options: OPTIONS,
  takesWords: true,
  run: ({ values, words }, io) => proveAll(values, words, io),
})

async function proveAll(values: Values<typeof OPTIONS>, words: string[], io: Io): Promise<number> {
  const all = await catalogue(ROOT)
  const lessons = words.length === 0 ? all : words.map((given) => findLesson(all, given))
  const tally: Tally = { passed: 0, failed: 0, short: [] }
  const brokers = await brokersToProve({
    all: values['all-brokers'],
    // Authors want their answer soon: one broker will do, RabbitMQ where there is one.
    kind: values.broker ?? (values.content ? 'auto' : undefined),
    further: values.further,
    env: io.env,
  })

  for (const pair of inPairs(brokers)) {
    const startedAt = performance.now()
    const proving = pair.map(async ({ kind, image }) => {
      const claims = (
        await Promise.all(lessons.map((lesson) => claimsOf(lesson, { root: ROOT, briefly: !values.whole })))
      ).flat()
      await proveOn({
        kind,
        image,
        claims: claims.filter((claim) => values.only === undefined || claim.name.includes(values.only)),
        exports: Object.fromEntries(all.map(({ name, exports }) => [name, exports])),
        io,
        tally,
      })
    })
    // One that can't be had is no reason to leave the other in the middle.
    const failed = (await Promise.allSettled(proving)).find((each) => each.status === 'rejected')
    if (failed) throw failed.reason
    io.stdout.write(`${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`)
  }
  if (!values.content) await labTests(brokers, values.further ? FURTHER_TESTS : [], io, tally)
  if (tally.short.length > 0) io.stdout.write(`\nFailed:\n${tally.short.join('\n')}\n`)
  io.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`)
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1
}

/** Two at a time, of different kinds: one computes while the other waits. */
function inPairs(brokers: BrokerToProve[]): BrokerToProve[][] {
  const [first, ...others] = brokers
  if (first === undefined) return []
  const second = others.find(({ kind }) => kind !== first.kind)
  const pair = second === undefined ? [first] : [first, second]
  return [pair, ...inPairs(brokers.filter((broker) => !pair.includes(broker)))]
}

async function proveOn(options: {
  kind: 'auto' | KindName
  image: string | undefined
  claims: Claim[]
  exports: Record<string, string[]>
  io: Io
  tally: Tally
}): Promise<void> {
  const { image, claims, exports, io, tally } = options
  const { tick, cross } = symbolsOf(lookOf(io.stdout, io.env))
  await using broker = await openBroker({ kind: options.kind, image })
  const { kind, product, version } = broker.info
  const where = kind === 'embedded' ? kind : `${kind} ${version}`
  io.stdout.write(`\nOn ${product} ${version} (${kind}):\n`)

  // What plays and judges is shared: it costs seconds until it is warm.
  await using session = new Session({ root: ROOT, broker: null, exports })
  const prove = async (claim: Claim, on: Broker) => {
    const began = performance.now()
    const why = await claim
      .prove({ check: (wanted) => session.check({ ...wanted, on }) })
      .catch((error: unknown) => `could not be judged: ${(error as Error).stack ?? error}`)
    const took = `${((performance.now() - began) / 1000).toFixed(1)} s`
    const line = `${where}: ${claim.lesson} ${claim.name} (${took})${why === undefined ? '' : `\n  ${why}`}`
    if (why === undefined) tally.passed++
    else tally.failed++
    if (why !== undefined) tally.short.push(`${cross} ${line}`)
    io.stdout.write(`${why === undefined ? tick : cross} ${line}\n`)
  }
  // What is asked last looks at what the others found.
  const last = claims.filter((claim) => claim.name.startsWith('every'))
  // What takes longest goes first: whole checks, and of these the last lessons, in which there is most to wait for.
  const others = claims
    .filter((claim) => !last.includes(claim))
    .toSorted((a, b) => Number(isMistake(a)) - Number(isMistake(b)) || b.lesson.localeCompare(a.lesson))
  await using held = new AsyncDisposableStack()
  const own = async () => held.use(await openBroker({ kind: kind as KindName, image, fresh: true }))
  /** Proves so many side by side. One goes on with the others' when there is nothing left of its own. */
  const work = async (
    open: () => Broker | Promise<Broker>,
    { least, most }: typeof SIDE_BY_SIDE,
    ...queues: Claim[][]
  ) => {
    const isLeft = () => queues.some((queue) => queue.length > 0)
    const next = () => queues.find((queue) => queue.length > 0)?.shift()
    const one = async (nth: number) => {
      let on: Broker | undefined
      while (nth < least || (await ROOM.enter(isLeft))) {
        // Since there was room, another one may have taken the last.
        const claim = next()
        if (claim === undefined) return
        on ??= await open()
        await prove(claim, on)
      }
    }
    await Promise.all(Array.from({ length: most }, (_, nth) => one(nth)))
  }
  const alone = { least: 1, most: 1 }
  if (kind === 'embedded') {
    // The lab's own broker boots in no time: each has one, and waits for nobody else's scenarios to restart it.
    await work(own, EMBEDDED_SIDE_BY_SIDE, others)
  } else {
    const atCluster = others.filter((claim) => claim.atCluster)
    const restarting = others.filter((claim) => claim.restarts && !claim.atCluster)
    const busy = others.filter((claim) => !claim.restarts && !claim.atCluster)
    // Who restarts a broker waits most of the time. The others need not wait with them: they have a broker of their own.
    const second = restarting.length > 0 ? await own() : broker
    await Promise.all([
      // At a cluster all would wait for each other's turns.
      work(() => broker, alone, atCluster),
      work(() => second, RESTARTING_SIDE_BY_SIDE, restarting, busy),
      work(() => broker, SIDE_BY_SIDE, busy, restarting),
    ])
  }
  await work(() => broker, alone, last)
}

function isMistake({ name }: Claim): boolean {
  return name.startsWith('mistake')
}

/** The tests of lab/ itself: plain vitest, in a process of its own. */
async function labTests(brokers: BrokerToProve[], files: string[], io: Io, tally: Tally): Promise<void> {
  io.stdout.write('\nThe tests of lab/:\n')
  const resultsFile = join(ROOT, '.lab', 'tests.json')
  await rm(resultsFile, { force: true })
  const image = brokers.findLast((broker) => broker.image !== undefined)?.image
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...files,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${resultsFile}`,
    ],
    {
      cwd: ROOT,
      // On the RabbitMQs of the proof, and no others.
      env: { ...io.env, ...(image && { LAB_RABBITMQ_IMAGE: image }), LAB_TEST_BROKERS: brokersToTest(brokers) },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const results = JSON.parse(await readFile(resultsFile, 'utf8').catch(() => '{}')) as TestResults
  tally.passed += results.numPassedTests ?? 0
  tally.failed += results.numFailedTests ?? 0
  const { cross } = symbolsOf(lookOf(io.stdout, io.env))
  for (const file of results.testResults ?? []) {
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      if (status !== 'failed') continue
      tally.short.push([`${cross} ${relative(ROOT, file.name)}: ${fullName}`, ...failureMessages].join('\n  '))
    }
  }
  // A run that ended badly without a failed test (a worker that died) has failed all the same.
  if (code === 0 || results.numFailedTests) return
  tally.failed++
  tally.short.push(`${cross} the tests of lab/ ended with exit code ${code}, though no test failed`)
}

/** What is read of what vitest's 'json' reporter writes. */
interface TestResults {
  numPassedTests?: number
  numFailedTests?: number
  testResults?: { name: string; assertionResults: { status: string; fullName: string; failureMessages: string[] }[] }[]
}

function brokersToTest(brokers: BrokerToProve[]): string {
  const names = brokers.map(({ kind, image }) => (image === undefined ? kind : `${kind}=${image}`))
  return names.filter((name) => name !== 'embedded').join(',')
}
