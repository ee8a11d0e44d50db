import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Broker } from '../broker/broker.ts'
import { keptLessons } from '../check/kept.ts'
import { Session } from '../check/session.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { lessons as catalogue, findLesson } from '../lessons/catalogue.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { type Tree, tree as treeAt } from '../lessons/tree.ts'
import { progressText } from '../report/progress.ts'
import { type CheckReport, exitCode } from '../report/report.ts'
import { ROOT } from '../root.ts'
import { findSandbox } from '../sandbox/find.ts'
import { partedByBegun } from './begun.ts'
import { BrokerPool } from './broker-pool.ts'
import { command } from './command.ts'
import { judge } from './judging.ts'
import { BROKER, count, flag, path, SANDBOX, text, usageError, type Values } from './options.ts'
import { startingLine } from './starting.ts'
import { waitingLine } from './waiting.ts'

const OPTIONS = {
  all: flag('check every lesson that you have begun'),
  watch: flag('check again whenever an exercise is saved'),
  tree: path('DIR', 'the folder with the exercises, one folder for each lesson; by default lessons/'),
  program: text(
    'COMMAND',
    'a command',
    'judge this program, in any language, the way lessons 05 and 10 judge an exercise',
  ),
  broker: BROKER,
  sandbox: SANDBOX,
  fresh: flag('start a broker for this check only'),
  json: flag('print one JSON object and nothing else'),
  junit: path('FILE', 'also write a JUnit report'),
  html: path('FILE', 'write a page that steps through what was recorded'),
  record: path('DIR', 'keep the recordings in this folder'),
  from: path('DIR', 'judge what --record or --times kept, without running anything'),
  times: count('play the scenarios this many times, with varied timings, and report how often each expectation fails'),
  seed: count('the seed for the timings of --times; by default a new one each time', { most: 1_000_000_000 }),
  verbose: flag('also show everything that happened'),
}

type CheckOptions = Values<typeof OPTIONS>

const grading = command({
  usage: 'npm run check -- [LESSON ...]',
  notes:
    "A LESSON is 2, 02 or 02-retrying-connection. By default, this checks the first lesson that you haven't passed.",
  options: OPTIONS,
  takesWords: true,
  async run({ values, words }, io) {
    const { all, watch, json, from, record, times, seed, verbose } = values
    if (all && words.length > 0) throw usageError('Use either --all or the names of lessons, not both.')
    if (watch && (json || from !== undefined)) throw usageError("--watch can't be combined with --json or --from.")
    if (values.program !== undefined && (watch || from !== undefined || values.tree !== undefined))
      throw usageError("--program can't be combined with --tree, --watch or --from.")
    if (values.program !== undefined && values.sandbox !== undefined && values.sandbox !== 'none')
      throw usageError("--program runs your own command, so it can't be combined with --sandbox.")
    if (values.program !== undefined && wordsOf(values.program).length === 0)
      throw usageError('--program needs a command.')
    if (from !== undefined && record !== undefined)
      throw usageError("--record plays the scenarios and --from doesn't, so use only one of them.")
    if (times !== undefined && (watch || verbose || values.html !== undefined || from !== undefined))
      throw usageError("--times can't be combined with --watch, --verbose, --html or --from.")
    if (seed !== undefined && times === undefined) throw usageError('--seed works only with --times.')
    return await grade(values, words, io)
  },
})

/** `npm run check`: grades lessons. Exit code 0 all passed, 1 one failed, 2 anything else. */
export async function check(args: string[], io: Io): Promise<number> {
  try {
    return await grading(args, io)
  } catch (error) {
    if (!(error instanceof LabError) || !args.includes('--json')) throw error
    // Who asked for an object gets one, whatever went wrong.
    const { code, message, advice } = error
    const report = { broker: null, lessons: [], error: { code, message, ...(advice === undefined ? {} : { advice }) } }
    io.stdout.write(`${JSON.stringify(report)}\n`)
    return 2
  }
}

async function grade(options: CheckOptions, named: string[], io: Io): Promise<number> {
  const { broker: kind = 'auto' } = options
  const starting = startingLine(io.stderr)
  const catalogued = catalogue(ROOT)
  // Who saves again and again is answered at once, on whatever is ready.
  await using brokers = options.watch && kind === 'auto' && !options.fresh ? new BrokerPool() : undefined
  // What takes longest starts first: a broker, and the process that plays on it.
  const own = options.from === undefined && brokers === undefined
  const sandbox = findSandbox(options.sandbox ?? 'none')
  // The check hears of it.
  sandbox.catch(() => {})
  await using session = new Session({
    root: ROOT,
    broker: own ? { kind, fresh: options.fresh } : null,
    sandbox,
    exports: catalogued.then((all) => Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))),
    onStarting: starting.show,
  })
  const all = await catalogued
  const tree = await treeAt(ROOT, options.tree)
  const here = io.env.INIT_CWD ?? process.cwd()
  const absolute = (given: string | undefined) => (given === undefined ? null : resolve(here, given))
  const from = absolute(options.from)
  const wanted = await chosen(options.all ? 'all' : named, all, from)
  // Of the student's own lessons --all takes those that have been begun: it makes no file, and no cluster for the others.
  const isPicked = options.all && tree.isStudents && from === null && options.program === undefined
  const { begun: lessons, notBegun } = isPicked ? await partedByBegun(wanted) : { begun: wanted, notBegun: undefined }
  if (lessons.length === 0 && notBegun) return nothingBegun(notBegun, options, io)
  const waiting = options.json ? undefined : waitingLine(io.stderr)
  const { times, seed } = options
  const isSingle = times === undefined && from === null
  const player = isSingle
    ? session
    : (await import('./times.ts')).playsOf(session, {
        times,
        seed,
        from,
        folder: absolute(options.record),
        onPlayed: (words) => waiting?.update(() => words),
      })
  const html = absolute(options.html)
  await using seen =
    html === null
      ? undefined
      : await (await import('./check-page.ts')).SeenRecordings.open(from ?? absolute(options.record))
  const once = async (on?: Broker): Promise<CheckReport> => {
    const broker = on ?? (await brokers?.now())
    // As long as a broker starts, that is told.
    void session.broker.then(() => waiting?.begin()).catch(() => {})
    const judging = judge(player, {
      ...(broker === undefined ? {} : { on: broker }),
      lessons,
      tree,
      record: seen?.isKept ? seen.folder : absolute(options.record),
      program: options.program === undefined ? null : { words: wordsOf(options.program), cwd: here },
      from,
      verbose: options.verbose,
      raw: options.json,
      advice: !options.json && times === undefined,
      tell: (notice) => io.stderr.write(`${notice}\n`),
      onProgress: (progress) => waiting?.update((ms) => progressText('Checking', ms, progress)),
    })
    if (!options.json) void showing()
    const judged = await judging.finally(() => waiting?.end())
    const report = notBegun ? { ...judged, notBegun: notBegun.map(({ name }) => name) } : judged
    starting.end()
    await print(report, options, all, io, absolute(options.junit), here)
    if (seen && html !== null) {
      const { writePage } = await import('./write-page.ts')
      await writePage(html, await seen.page(report, all))
      const where = pathToFileURL(html).href
      ;(options.json ? io.stderr : io.stdout).write(`\nWhat happened, step by step: ${where}\n`)
    }
    return report
  }

  let report = await once()
  if (options.watch) report = await watching(lessons, tree, io, once, report, brokers)
  return exitCode(report)
}

function nothingBegun(notBegun: Lesson[], { json }: CheckOptions, io: Io): number {
  const report: CheckReport = { broker: null, lessons: [], notBegun: notBegun.map(({ name }) => name) }
  io.stdout.write(
    json ? `${JSON.stringify(report)}\n` : "You haven't begun a lesson yet: npm run lab opens the first one.\n",
  )
  return exitCode(report)
}

/** A command line, as a shell would part it: at blanks, but for those between quotes. */
function wordsOf(line: string): string[] {
  const words = line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)
  return [...words].map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

async function chosen(named: 'all' | string[], all: Lesson[], from: string | null): Promise<Lesson[]> {
  if (named === 'all') return all
  if (named.length > 0) {
    const found = named.map((given) => findLesson(all, given))
    return all.filter((lesson) => found.includes(lesson))
  }
  const names = from === null ? [] : keptLessons(from)
  const kept = all.filter(({ name }) => names.includes(name))
  if (kept.length > 0) return kept
  const [{ nextLesson }, { readProgress }] = await Promise.all([
    import('../progress/state.ts'),
    import('../progress/store.ts'),
  ])
  const next = nextLesson(all, await readProgress(ROOT)) ?? all.at(-1)
  return next ? [next] : []
}

/** What shows a report: loaded while the check runs, not before it. */
const showing = () => Promise.all([import('../report/text.ts'), import('../text/theme.ts')] as const)

async function print(
  report: CheckReport,
  options: CheckOptions,
  all: Lesson[],
  io: Io,
  junitFile: string | null,
  here: string,
): Promise<void> {
  if (junitFile !== null) {
    const [{ junit }, { readable }] = await Promise.all([import('../report/junit.ts'), import('../report/readable.ts')])
    await mkdir(dirname(junitFile), { recursive: true })
    writeFileSync(junitFile, junit(readable(report)))
  }
  if (options.json) {
    io.stdout.write(`${JSON.stringify(report)}\n`)
    return
  }
  const [{ reportText }, { themeOf }] = await showing()
  const titles = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.title]))
  const theme = themeOf(io.stdout, io.env)
  const { times } = report
  if (times === undefined) return void io.stdout.write(reportText(report, theme, { titles }))
  const { timesText } = await import('../report/times-text.ts')
  io.stdout.write(timesText({ ...report, times }, theme, { titles, path: (absolute) => seenFrom(here, absolute) }))
}

/** A path as it can be typed in this folder. */
function seenFrom(here: string, path: string): string {
  const inside = relative(here, path)
  return inside.startsWith('..') ? path : inside
}

/**
 * Checks again whenever one of the files is saved, until Ctrl-C. A pass on the lab's own broker is confirmed by RabbitMQ
 * as soon as that is ready.
 */
async function watching(
  lessons: Lesson[],
  tree: Tree,
  io: Io,
  once: (on?: Broker) => Promise<CheckReport>,
  first: CheckReport,
  brokers: BrokerPool | undefined,
): Promise<CheckReport> {
  let report = first
  const ended = Promise.withResolvers<void>()
  let saved = Promise.withResolvers<void>()
  const { watchFiles } = await import('../watch/watch.ts')
  using watch = watchFiles(
    lessons.map((lesson) => tree.file(lesson)),
    () => saved.resolve(),
  )
  const end = () => ended.resolve()
  process.once('SIGINT', end)
  try {
    for (;;) {
      const polling = watch.way === 'polling' ? ' (polling)' : ''
      io.stdout.write(`\nWatching${polling}: each time you save the file, the lab checks it again. Ctrl-C ends this.\n`)
      const what = await Promise.race([
        saved.promise.then(() => 'saved'),
        ended.promise.then(() => 'ended'),
        ...(isStandIn(report) && brokers ? [confirmable(brokers)] : []),
      ])
      if (what === 'ended') return report
      if (what === 'confirmable') {
        io.stdout.write('\nRabbitMQ, which decides, is ready now:\n\n')
        report = await once(brokers?.authoritative)
        continue
      }
      saved = Promise.withResolvers()
      io.stdout.write(`\n---- ${new Date().toLocaleTimeString('en-GB')} ----\n\n`)
      report = await once()
    }
  } finally {
    process.off('SIGINT', end)
  }
}

function isStandIn({ broker, lessons }: CheckReport): boolean {
  return broker !== null && broker.product !== 'RabbitMQ' && lessons.every(({ verdict }) => verdict === 'passed')
}

/** Never resolves where no RabbitMQ can be had. */
async function confirmable(brokers: BrokerPool): Promise<string> {
  return (await brokers.whenReady()) === undefined ? new Promise<never>(() => {}) : 'confirmable'
}
