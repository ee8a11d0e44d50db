import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstScreen } from '../bench/first-screen.ts'
import { answersAmqp, output, ownEnvironment, spread, timed } from '../bench/measure.ts'
import type { Rates } from '../bench/rates.ts'
import { paired, type Row, said } from '../bench/rows.ts'
import { sandboxed } from '../bench/sandboxed.ts'
import { hasBrowser, viewer } from '../bench/viewer.ts'
import { waitsOf } from '../bench/waits.ts'
import { Watcher } from '../bench/watcher.ts'
import type { Broker } from '../broker/broker.ts'
import { openBroker } from '../broker/choose.ts'
import { type KindName, loadKind } from '../broker/kinds/kind.ts'
import type { Io } from '../io.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import { Recorder } from '../recording/recorder.ts'
import type { Recording } from '../recording/recording.ts'
import { ROOT } from '../root.ts'
import { probeSandboxes } from '../sandbox/find.ts'
import { table } from '../text/table.ts'
import { themeOf } from '../text/theme.ts'
import { openWire } from '../wire/wire.ts'
import { classes, graders, memory } from './bench-class.ts'
import { command } from './command.ts'
import { obviousDesign } from './obvious-design.ts'
import { count, oneOf } from './options.ts'

/** Units of rows whose last figure is a difference. */
const DIFFERENCES = new Set(['ms round trip', 'ms more'])

/** The lessons that the comparison with the obvious design runs. */
const LESSONS = 5

const MEASUREMENTS = [
  'warm',
  'cold',
  'all',
  'watch',
  'menu',
  'sandbox',
  'class',
  'graders',
  'memory',
  'wire',
  'embedded',
  'viewer',
] as const

type Measurement = (typeof MEASUREMENTS)[number]

/** `npm run bench`: what the lab promises of its speed, as medians of paired runs on this machine. */
export const bench = command({
  usage: 'npm run bench --',
  options: {
    pairs: count('how many pairs of runs to measure; by default 5'),
    only: oneOf('measurement', MEASUREMENTS, 'measure only this'),
  },
  run: ({ values: { pairs = 5, only } }, io) => measureAll(pairs, only, io),
})

async function measureAll(pairs: number, only: Measurement | undefined, io: Io): Promise<number> {
  const hasDocker = (await (await loadKind('container')).probe()).usable
  const hasNative = (await (await loadKind('native')).probe()).usable
  const say = (text: string) => io.stderr.write(`${text}\n`)
  await using broker = await openBroker({ kind: hasDocker ? 'container' : 'auto' })
  const kind = broker.info.kind
  const rows: Row[] = []
  const measures: Partial<Record<Measurement, () => Promise<Row[]>>> = {
    warm: async () => [await warm(kind, pairs, 'at most 2.5'), await warm('embedded', pairs, 'at most 2')],
    ...(hasDocker
      ? {
          cold: async () => [await cold(Math.min(3, pairs))],
          all: async () => [await allLessons(kind, Math.min(3, pairs))],
        }
      : {}),
    watch: async () => [await watching('embedded', pairs, 'at most 1'), await watching(kind, pairs, 'at most 1.5')],
    menu: async () => [await menuOpens(pairs)],
    sandbox: () => inSandboxes(kind, pairs),
    ...(hasDocker && hasNative ? { class: () => classes('native', Math.min(2, pairs)) } : {}),
    ...(hasNative ? { graders: () => graders('native', Math.min(2, pairs)) } : {}),
    ...(process.platform === 'linux' ? { memory } : {}),
    wire: () => wireCost(broker, pairs),
    embedded: () => embedded(broker, pairs),
    ...(hasBrowser() ? { viewer: () => viewer(pairs) } : {}),
  }
  for (const [name, measure] of Object.entries(measures)) {
    if (only !== undefined && only !== name) continue
    say(`measuring ${name} …`)
    rows.push(...(await measure()))
  }
  const { product, version } = broker.info
  io.stdout.write(
    `${product} ${version} (${kind}), Node ${process.versions.node}; median (least to most) of paired runs\n\n`,
  )
  const lines = rows.map(({ what, a, b, ratio, unit, limit }) => [
    what,
    said(a, unit),
    b === undefined ? '' : said(b, unit),
    ratio === undefined ? '' : said(ratio, DIFFERENCES.has(unit) ? 'ms more' : 'times'),
    limit,
  ])
  io.stdout.write(`${table(lines, { ...themeOf(io.stdout, io.env), width: 160 }, { head: false }).join('\n')}\n`)
  return 0
}

/** A whole check on a warm broker, beside vitest with nothing to do; both through npm run. */
async function warm(kind: string, pairs: number, limit: string): Promise<Row> {
  const check = () => timed('npm', ['run', '-s', 'check', '--', '2', '--tree', 'solutions', '--broker', kind])
  const empty = () => timed('npm', ['run', '-s', 'bench:empty'])
  const where = kind === 'embedded' ? 'on the embedded broker' : 'on RabbitMQ'
  return paired(`check of lesson 02's solution ${where}, warm / the empty run`, check, empty, pairs, 'ms', limit)
}

/** From a save to the verdict, less what the lesson itself has to wait, beside vitest with nothing to do. */
async function watching(kind: string, pairs: number, limit: string): Promise<Row> {
  const lesson = '02-retrying-connection'
  await using broker = await openBroker({ kind: kind as KindName })
  const folder = await mkdtemp(join(tmpdir(), 'cluster-up-bench-'))
  try {
    const record = ['--tree', 'solutions', '--broker', kind, '--record', folder]
    await output('npm', ['run', '-s', 'check', '--', lesson, ...record])
    const files = await readdir(join(folder, lesson))
    const recordings = files.map((file) => JSON.parse(readFileSync(join(folder, lesson, file), 'utf8')) as Recording)
    const waits = waitsOf(recordings)
    await using watcher = await Watcher.open(lesson, kind, ownEnvironment())
    const what = `save to verdict, watching 02 on ${broker.info.product}, less its waits of ${waits.toFixed(0)} ms / the empty run`
    const empty = () => timed('npm', ['run', '-s', 'bench:empty'])
    return await paired(what, async () => (await watcher.save()) - waits, empty, pairs, 'ms', limit)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** In each sandbox that this machine can have. */
async function inSandboxes(kind: string, pairs: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const { kind: sandbox, probe } of await probeSandboxes())
    if (probe.found) rows.push(await sandboxed(kind, sandbox, pairs))
  return rows
}

/** The menu's first screen, beside `npm run` of nothing. */
async function menuOpens(pairs: number): Promise<Row> {
  const nothing = () => timed('npm', ['run', '-s', 'bench:nothing'])
  const what = "the menu's first screen - npm run of nothing"
  const screen = () => firstScreen(ownEnvironment())
  const row = await paired(what, screen, nothing, pairs, 'ms', 'at most 400', 'difference')
  return { ...row, unit: 'ms more' }
}

/** From no broker to a verdict, beside the container alone. */
async function cold(pairs: number): Promise<Row> {
  const check = () =>
    timed('npm', ['run', '-s', 'check', '--', '1', '--tree', 'solutions', '--broker', 'container', '--fresh'])
  return paired("cold: to lesson 01's verdict / the container alone", check, containerAlone, pairs, 'ms', 'at most 1.2')
}

/** `docker run` until the port answers AMQP. */
async function containerAlone(): Promise<number> {
  const image = (await loadKind('container')).image() ?? ''
  const began = performance.now()
  const id = (await output('docker', ['run', '-d', '--rm', '-p', '127.0.0.1::5672', image])).trim()
  try {
    const mapped = await output('docker', ['port', id, '5672/tcp'])
    await answersAmqp('127.0.0.1', Number(/:(\d+)/.exec(mapped)?.[1]))
    return performance.now() - began
  } finally {
    await output('docker', ['rm', '-f', id])
  }
}

/** Lessons 01 to 05 by one command, beside the obvious design. */
async function allLessons(kind: string, pairs: number): Promise<Row> {
  const all = (await catalogue(ROOT)).slice(0, LESSONS)
  const names = all.map(({ name }) => name)
  const lab = () => timed('npm', ['run', '-s', 'check', '--', ...names, '--tree', 'solutions', '--broker', kind])
  const obvious = () => obviousDesign(all, join(ROOT, 'solutions'))
  const what = 'a container in every check file / lessons 01 to 05 by one command, warm'
  return paired(what, obvious, lab, pairs, 'ms', 'at least 5')
}

/** The same client against the broker, straight and through the wire. */
async function wireCost(broker: Broker, pairs: number): Promise<Row[]> {
  await using vhost = await broker.openVhost()
  const straight: Awaited<ReturnType<typeof client>>[] = []
  const wired: Awaited<ReturnType<typeof client>>[] = []
  await client(vhost.url())
  for (let pair = 0; pair < pairs; pair++) {
    straight.push(await client(vhost.url()))
    await using wire = await openWire({ recorder: new Recorder(), target: { host: broker.host, port: broker.port } })
    wired.push(await client(vhost.url(wire)))
  }
  const both = (pick: (one: Awaited<ReturnType<typeof client>>) => number) =>
    [straight.map(pick), wired.map(pick)] as const
  const [fast, slow] = both((one) => one.publishesPerSecond)
  const [short, long] = both((one) => one.roundTripMs)
  return [
    {
      what: 'publishes with confirm through the wire / straight',
      a: spread(slow),
      b: spread(fast),
      ratio: spread(slow.map((value, i) => value / (fast[i] ?? Number.NaN))),
      unit: 'a second',
      limit: 'at least 0.8',
    },
    {
      what: 'round trip through the wire - straight',
      a: spread(long),
      b: spread(short),
      ratio: spread(long.map((value, i) => value - (short[i] ?? Number.NaN))),
      unit: 'ms round trip',
      limit: 'at most 0.2',
    },
  ]
}

/** The embedded broker beside RabbitMQ, and what it takes by itself. */
async function embedded(rabbitmq: Broker, pairs: number): Promise<Row[]> {
  await using own = await openBroker({ kind: 'embedded' })
  await using vhost = await own.openVhost()
  await using other = await rabbitmq.openVhost()
  const ours: Rates[] = []
  const theirs: Rates[] = []
  const alone: { readyMs: number; megabytes: number }[] = []
  const raw = async (url: string) => JSON.parse(await measured('raw-client.ts', url)) as Rates
  for (let pair = 0; pair < pairs; pair++) {
    ours.push(await raw(vhost.url()))
    theirs.push(await raw(other.url()))
    alone.push(JSON.parse(await measured('embedded.ts')))
  }
  const beside = (what: string, pick: (one: Rates) => number): Row => {
    const [a, b] = [ours.map(pick), theirs.map(pick)]
    const ratio = spread(a.map((value, i) => value / (b[i] ?? Number.NaN)))
    return { what, a: spread(a), b: spread(b), ratio, unit: 'a second', limit: 'at least 2' }
  }
  const byItself = (what: string, values: number[], unit: string, limit: string): Row => {
    return { what, a: spread(values), unit, limit }
  }
  return [
    beside('publishes with confirm, embedded / RabbitMQ', (one) => one.publishesPerSecond),
    beside('consumes with ack, embedded / RabbitMQ', (one) => one.consumesPerSecond),
    byItself(
      'embedded broker: ready',
      alone.map((one) => one.readyMs),
      'ms',
      'at most 50 ms',
    ),
    byItself(
      'embedded broker with 200,000 messages of 100 bytes: whole process',
      alone.map((one) => one.megabytes),
      'MB',
      'at most 400 MB',
    ),
  ]
}

/** See bench/client.ts. */
async function client(url: string): Promise<{ publishesPerSecond: number; roundTripMs: number }> {
  return JSON.parse(await measured('client.ts', url))
}

/** What a program of lab/bench prints, in a process of its own. */
function measured(file: string, ...args: string[]): Promise<string> {
  return output(process.execPath, [join(ROOT, 'lab', 'bench', file), ...args])
}
