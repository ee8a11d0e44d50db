import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { type Claim, claimsOf } from '../authors/prove.ts'
import type { Broker } from '../broker/broker.ts'
import { openBroker } from '../broker/choose.ts'
import { KINDS, type KindName } from '../broker/kinds/kind.ts'
import { Session } from '../check/session.ts'
import { LabError } from '../errors.ts'
import { lessons as catalogue, findLesson } from '../lessons/catalogue.ts'
import { ROOT } from '../root.ts'
import { lookOf } from '../text/look.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { Io } from './run.ts'
import { type BrokerToProve, brokersToProve } from './series.ts'

/** How many exercises are judged side by side: more would only wait for the same two cores. */
const SIDE_BY_SIDE = 4
/** Where the broker is restarted most of the time is waiting, and one restart serves all who wait for one. */
const RESTARTING_SIDE_BY_SIDE = 5

/** Tests of lab/ that have more to say where there are more brokers, or more time. */
const FURTHER_TESTS = ['test/conformance/rabbitmq.test.ts', 'test/embedded/fuzz.test.ts']

interface Tally {
  passed: number
  failed: number
  /** What failed, to be said again at the end. */
  short: string[]
}

/**
 * `npm test`: the lab's own proof. The content of every lesson on one RabbitMQ, then the tests of lab/.
 *
 * --content [LESSON…]: only the content, of these lessons, on one broker. --all-brokers: on every broker that this machine
 * can have. A mistake plays only the scenarios that its expectation needs; with --whole it plays the whole check, and may
 * fail one expectation beside its own. --further: on all brokers but those of `npm test`, and of the tests of lab/ only
 * those that depend on them.
 */
export async function prove(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      content: { type: 'boolean' },
      'all-brokers': { type: 'boolean' },
      broker: { type: 'string' },
      only: { type: 'string' },
      whole: { type: 'boolean' },
      further: { type: 'boolean' },
    },
  })
  const asked = values.broker
  if (asked !== undefined && !(KINDS as readonly string[]).includes(asked)) {
    throw new LabError('usage', `There is no broker '${asked}'.`, { advice: `There are: ${KINDS.join(', ')}.` })
  }
  const all = await catalogue(ROOT)
  const lessons = positionals.length === 0 ? all : positionals.map((given) => findLesson(all, given))
  const tally: Tally = { passed: 0, failed: 0, short: [] }
  const brokers = await brokersToProve({
    all: values['all-brokers'] ?? false,
    // Authors want their answer soon: one broker will do, RabbitMQ where there is one.
    kind: (asked as KindName | undefined) ?? (values.content ? 'auto' : undefined),
    further: values.further ?? false,
    env: io.env,
  })

  for (const broker of brokers) {
    if (broker.image !== undefined) process.env.LAB_RABBITMQ_IMAGE = broker.image
    const claims = (
      await Promise.all(lessons.map((lesson) => claimsOf(lesson, { root: ROOT, briefly: values.whole !== true })))
    ).flat()
    const wanted = claims.filter((claim) => values.only === undefined || claim.name.includes(values.only))
    await proveOn(
      broker.kind,
      wanted,
      all.map(({ name, exports }) => [name, exports] as const),
      io,
      tally,
    )
  }
  if (!values.content) await labTests(brokers, values.further ? FURTHER_TESTS : [], io, tally)
  if (tally.short.length > 0) io.stdout.write(`\nFailed:\n${tally.short.join('\n')}\n`)
  io.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`)
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1
}

async function proveOn(
  kind: 'auto' | KindName,
  claims: Claim[],
  exports: (readonly [string, string[]])[],
  io: Io,
  tally: Tally,
): Promise<void> {
  const { tick, cross } = symbolsOf(lookOf(io.stdout, io.env))
  const startedAt = performance.now()
  // What is asked last looks at what the others found.
  const queue = claims.filter((claim) => !claim.name.startsWith('every'))
  const last = claims.filter((claim) => claim.name.startsWith('every'))
  const work = async (session: Session, next: () => Claim | undefined) => {
    for (let claim = next(); claim; claim = next()) {
      const began = performance.now()
      const why = await claim
        .prove(session)
        .catch((error: unknown) => `could not be judged: ${(error as Error).stack ?? error}`)
      const took = `${((performance.now() - began) / 1000).toFixed(1)} s`
      const line = `${claim.lesson} ${claim.name} (${took})${why === undefined ? '' : `\n  ${why}`}`
      if (why === undefined) tally.passed++
      else tally.failed++
      if (why !== undefined) tally.short.push(`${cross} ${line}`)
      io.stdout.write(`${why === undefined ? tick : cross} ${line}\n`)
    }
  }
  await using broker = await openBroker({ kind })
  io.stdout.write(`\nOn ${broker.info.product} ${broker.info.version} (${broker.info.kind}):\n`)
  const restarting = queue.filter((claim) => claim.restarts)
  const others = queue.filter((claim) => !claim.restarts)
  // Who restarts a broker waits most of the time. The others need not wait with them: they have a broker of their own.
  await using second = restarting.length > 0 ? await openBroker({ kind, fresh: true }) : undefined
  const on = (where: Broker) => () =>
    new Session({
      root: ROOT,
      broker: { kind: where.info.kind as KindName, key: where.key },
      exports: Object.fromEntries(exports),
    })
  const patient = Array.from({ length: Math.min(RESTARTING_SIDE_BY_SIDE, restarting.length) }, on(broker))
  const busy = Array.from({ length: Math.min(SIDE_BY_SIDE, Math.max(1, others.length)) }, on(second ?? broker))
  try {
    await Promise.all([
      ...patient.map((session) => work(session, () => restarting.shift())),
      ...busy.map((session) => work(session, () => others.shift())),
    ])
    await work(busy[0] as Session, () => last.shift())
  } finally {
    await Promise.all([...patient, ...busy].map((session) => session[Symbol.asyncDispose]()))
  }
  io.stdout.write(`${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`)
}

/** The tests of lab/ itself: plain vitest, in a process of its own. */
async function labTests(brokers: BrokerToProve[], files: string[], io: Io, tally: Tally): Promise<void> {
  io.stdout.write('\nThe tests of lab/:\n')
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...files,
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=.lab/tests.json',
    ],
    {
      cwd: ROOT,
      // The embedded broker is compared with the RabbitMQs of the proof, and no others.
      env: { ...io.env, LAB_CONFORMANCE_BROKERS: conformanceBrokers(brokers) },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const { readFile } = await import('node:fs/promises')
  const results = JSON.parse(await readFile(join(ROOT, '.lab', 'tests.json'), 'utf8').catch(() => '{}')) as Record<
    string,
    number
  >
  tally.passed += results.numPassedTests ?? 0
  tally.failed += results.numFailedTests ?? 0
  // A run that ended badly without a failed test (a worker that died) has failed all the same.
  if (code !== 0 && !results.numFailedTests) tally.failed++
}

function conformanceBrokers(brokers: BrokerToProve[]): string {
  const names = brokers.map(({ kind, image }) => (image === undefined ? kind : `${kind}=${image}`))
  return names.filter((name) => name !== 'embedded').join(',')
}
