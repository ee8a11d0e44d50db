import type { Broker } from '../broker/broker.ts'
import type { Session } from '../check/session.ts'
import type { Checking, Judging } from '../current/current-lesson.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Judged } from '../report/report.ts'
import { ROOT } from '../root.ts'
import { howToRun } from '../service/runnable.ts'
import { NO_SOLUTIONS, studentEdition } from '../which-edition.ts'
import type { BrokerPool } from './broker-pool.ts'
import { command } from './command.ts'
import { usageError } from './options.ts'

/*
 * What judges is loaded when something is to be judged: the first screen waits for none of it.
 */

/** `npm run lab`: the menu; without a terminal the lessons as text, and one real check. */
export const lab = command({
  usage: 'npm run lab -- [ACTION LESSON]',
  notes:
    "Without an ACTION, this opens the menu. If the terminal can't show it, an ACTION does what a key does in the menu: read, quiz, hint, map, run, solution or reset.",
  options: {},
  takesWords: true,
  run: ({ words }, io) => {
    if (words.length > 0) return act(words, io)
    return hasScreen(io) ? interactive(io).catch((error) => withoutScreen(error, io)) : plain(io)
  },
})

/** What a key of the menu does, as a command. */
async function act([action = '', given, ...more]: string[], io: Io): Promise<number> {
  const { PLAIN_ACTIONS } = await import('../menu/plain-actions.ts')
  const known = [...Object.keys(PLAIN_ACTIONS), 'run']
  if (!known.includes(action)) throw usageError(`There is no action '${action}'.`)
  if (given === undefined || more.length > 0) throw usageError('Name exactly one lesson.')
  const [{ lessons, findLesson }, { stateFolder }, { themeOf }] = await Promise.all([
    import('../lessons/catalogue.ts'),
    import('../progress/store.ts'),
    import('../text/theme.ts'),
  ])
  const lesson = findLesson(await lessons(ROOT), given)
  const doing = PLAIN_ACTIONS[action]
  if (doing === undefined) return runPlainly(lesson, io)
  const theme = themeOf(io.stdout, io.env)
  io.stdout.write(await doing(lesson, { root: ROOT, state: stateFolder(ROOT), theme }))
  return 0
}

/** Runs the student's service until Ctrl-C. */
async function runPlainly(lesson: Lesson, io: Io): Promise<number> {
  const { ensureExercise } = await import('../lessons/exercise.ts')
  await ensureExercise(lesson)
  await using state = new MenuState(io)
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.on('SIGINT', onInterrupt)
  try {
    await state.run(lesson, stop.signal)
  } finally {
    process.off('SIGINT', onInterrupt)
  }
  return 0
}

function hasScreen({ stdin, stdout, env }: Io): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb'
}

/** What looked like a terminal is none after all. */
function withoutScreen(error: unknown, io: Io): Promise<number> {
  if (error instanceof LabError && error.code === 'no-terminal') return plain(io)
  throw error
}

async function interactive(io: Io): Promise<number> {
  const { menu } = await import('../menu/menu.ts')
  await using state = new MenuState(io)
  // RabbitMQ boots, and the checker loads, while the student reads: but after the first screen.
  const warming = setTimeout(() => state.warm(), WARM_AFTER_MS)
  warming.unref()
  return await menu({
    root: ROOT,
    io,
    env: io.env,
    statusLine: () => state.status,
    passedOver: () => state.passedOver,
    check: (lesson, checking) => state.check(lesson, checking),
    confirm: (lesson, checking) => state.confirm(lesson, checking),
    whenAuthoritative: () => state.whenAuthoritative(),
    compare: (lesson, signal) => state.compare(lesson, signal),
    run: (lesson, signal) => state.run(lesson, signal),
    canRun: (lesson) => howToRun(lesson) !== undefined,
    management: () => state.management(),
  })
}

const WARM_AFTER_MS = 500

interface Tools {
  brokers: BrokerPool
  session: Session
  exports: Record<string, string[]>
}

/** What the menu has judged with: brokers, and a session that is made when first needed. It does one thing at a time. */
class MenuState implements AsyncDisposable, Required<Judging> {
  readonly #io: Io
  #tools: Promise<Tools> | undefined
  #brokers: BrokerPool | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(io: Io) {
    this.#io = io
  }

  get status(): string {
    return this.#brokers?.status ?? 'looking for RabbitMQ'
  }

  get passedOver(): readonly string[] {
    return this.#brokers?.passedOver ?? []
  }

  warm(): void {
    // What is wrong is told by the first check.
    this.#loaded.catch(() => {})
  }

  async check(lesson: Lesson, checking: Checking): Promise<Judged> {
    const { brokers } = await this.#loaded
    return this.#inTurn(checking.signal, async () => this.#judge(await brokers.now(), lesson, checking))
  }

  async confirm(lesson: Lesson, checking: Checking): Promise<Judged | undefined> {
    const { brokers } = await this.#loaded
    const { authoritative } = brokers
    return authoritative && this.#inTurn(checking.signal, () => this.#judge(authoritative, lesson, checking))
  }

  async whenAuthoritative(): Promise<boolean> {
    const { brokers } = await this.#loaded
    return (await brokers.whenReady()) !== undefined
  }

  async management() {
    return (await this.#loaded).brokers.authoritative?.management
  }

  async compare(lesson: Lesson, signal: AbortSignal): Promise<string> {
    const [{ brokers, session }, { comparing }, { comparisonText }, { wideThemeOf }, tree] = await Promise.all([
      this.#loaded,
      import('./comparing.ts'),
      import('../compare/text.ts'),
      import('./compare.ts'),
      treeOfLessons(),
    ])
    const comparison = await this.#inTurn(signal, async () =>
      comparing(session, { lesson, tree, on: await brokers.now(), signal, tell: () => {} }),
    )
    return comparisonText(comparison, wideThemeOf(this.#io))
  }

  async run(lesson: Lesson, signal: AbortSignal): Promise<void> {
    const [{ brokers, exports }, { runLesson }] = await Promise.all([this.#loaded, import('./running.ts')])
    const { dir } = await treeOfLessons()
    const broker = await (howToRun(lesson)?.nodes ? brokers.best() : brokers.now())
    await runLesson(lesson, broker, exports, dir, this.#io, signal)
  }

  async #judge(on: Broker, lesson: Lesson, { signal, onProgress }: Checking): Promise<Judged> {
    const [{ session }, { judge }, tree] = await Promise.all([this.#loaded, import('./judging.ts'), treeOfLessons()])
    // A broken progress file is told by the menu itself, which reads it.
    const wanted = { lessons: [lesson], tree, advice: true, on, tell: () => {}, signal, onProgress }
    const { broker, lessons } = await judge(session, wanted)
    const [report] = lessons
    if (!report) throw new Error(`The check of ${lesson.name} left no report.`)
    return { report, broker }
  }

  /** A runner does one check at a time: the next begins when the one before is over. */
  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last
    const mine = before.then(() => {
      signal.throwIfAborted()
      return work()
    })
    this.#last = mine.catch(() => {})
    return mine
  }

  get #loaded(): Promise<Tools> {
    this.#tools ??= this.#load()
    return this.#tools
  }

  async #load(): Promise<Tools> {
    const { BrokerPool } = await import('./broker-pool.ts')
    this.#brokers = new BrokerPool(this.#io.env.LAB_BROKER)
    const [{ Session }, { lessons }] = await Promise.all([
      import('../check/session.ts'),
      import('../lessons/catalogue.ts'),
    ])
    const exports = Object.fromEntries((await lessons(ROOT)).map((lesson) => [lesson.name, lesson.exports]))
    const session = new Session({ root: ROOT, broker: null, exports })
    session.warm()
    return { brokers: this.#brokers, session, exports }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const tools = await this.#tools?.catch(() => undefined)
    await tools?.session[Symbol.asyncDispose]()
    await this.#brokers?.[Symbol.asyncDispose]()
  }
}

async function treeOfLessons() {
  const { tree } = await import('../lessons/tree.ts')
  return tree(ROOT)
}

/** The lesson whose classic mistake shows best what a check says. */
const SHOWN = '04-ack-consumer'

async function plain(io: Io): Promise<number> {
  // What would be shown, a mistake and the solution, is not in the students' edition.
  if (studentEdition(ROOT)) return await plainForStudents(io)
  const [
    { mistakesOf },
    { inTreeOfItsOwn },
    { Session },
    { lessons: catalogue },
    { plainLessons },
    { reportText },
    { themeOf },
    { startingLine },
  ] = await Promise.all([
    import('../authors/mistakes.ts'),
    import('../authors/tree.ts'),
    import('../check/session.ts'),
    import('../lessons/catalogue.ts'),
    import('../menu/plain.ts'),
    import('../report/text.ts'),
    import('../text/theme.ts'),
    import('./starting.ts'),
  ])
  const theme = themeOf(io.stdout, io.env)
  const all = await catalogue(ROOT)
  io.stdout.write(await plainLessons({ root: ROOT, theme }))
  const lesson = all.find(({ name }) => name === SHOWN) ?? all[0]
  if (!lesson) return 2
  const mistake = (await mistakesOf(ROOT, lesson.name)).find(({ classic }) => classic)
  const starting = startingLine(io.stderr)
  const exports = Object.fromEntries(all.map(({ name, exports }) => [name, exports]))
  await using session = new Session({
    root: ROOT,
    broker: { kind: 'auto' },
    exports,
    onStarting: starting.show,
  })
  await session.broker
  starting.end()
  const titles = { [lesson.name]: lesson.title }
  if (mistake) {
    io.stdout.write(`\nThis is what a check says about a common mistake (${mistake.name}):\n\n`)
    const report = await inTreeOfItsOwn(lesson.name, mistake.source, (tree) =>
      session.check({ lessons: [lesson.name], tree }),
    )
    io.stdout.write(reportText(report, theme, { titles }))
  }
  io.stdout.write('\nAnd this is what it says about the solution:\n\n')
  const report = await session.check({ lessons: [lesson.name], tree: `${ROOT}/solutions` })
  io.stdout.write(reportText(report, theme, { titles }))
  return 0
}

async function plainForStudents(io: Io): Promise<number> {
  const [{ plainLessons }, { themeOf }] = await Promise.all([import('../menu/plain.ts'), import('../text/theme.ts')])
  io.stdout.write(await plainLessons({ root: ROOT, theme: themeOf(io.stdout, io.env) }))
  io.stdout.write(`\n${NO_SOLUTIONS}\n`)
  return 0
}
