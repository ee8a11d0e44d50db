import type { Broker } from '../broker/broker.ts'
import type { Session } from '../check/session.ts'
import type { Checking, Judging } from '../current/current-lesson.ts'
import type { Io } from '../io.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Judged } from '../report/report.ts'
import { ROOT } from '../root.ts'
import { howToRun } from '../service/runnable.ts'
import type { BrokerPool } from './broker-pool.ts'
import { command } from './command.ts'

/*
 * What judges is loaded when something is to be judged: the first screen waits for none of it.
 */

/** `npm run lab`: the menu; without a terminal the lessons as text, and one real check. */
export const lab = command({
  usage: 'npm run lab',
  options: {},
  run: (_given, io) => (io.stdin.isTTY && io.stdout.isTTY ? interactive(io) : plain(io)),
})

async function interactive(io: Io): Promise<number> {
  const { menu } = await import('../menu/menu.ts')
  await using state = new MenuState(io)
  return await menu({
    root: ROOT,
    io,
    env: io.env,
    statusLine: () => state.status,
    check: (lesson, checking) => state.check(lesson, checking),
    confirm: (lesson, checking) => state.confirm(lesson, checking),
    whenAuthoritative: () => state.whenAuthoritative(),
    compare: (lesson, signal) => state.compare(lesson, signal),
    run: (lesson, signal) => state.run(lesson, signal),
    canRun: (lesson) => howToRun(lesson) !== undefined,
    management: () => state.management(),
  })
}

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
    await runLesson(lesson, await brokers.now(), exports, dir, this.#io, signal)
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
    // RabbitMQ boots, and the checker loads, while the student reads.
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

/** The lesson and the mistake that show best what a check says. */
const SHOWN = { lesson: '04-ack-consumer', mistake: 'acks-on-arrival' }

async function plain(io: Io): Promise<number> {
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
  const lesson = all.find(({ name }) => name === SHOWN.lesson) ?? all[0]
  if (!lesson) return 2
  const mistakes = await mistakesOf(ROOT, lesson.name)
  const mistake = mistakes.find(({ name }) => name === SHOWN.mistake) ?? mistakes[0]
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
    io.stdout.write(`\nThis is what a check says of a mistake that is easy to make (${mistake.name}):\n\n`)
    const report = await inTreeOfItsOwn(lesson.name, mistake.source, (tree) =>
      session.check({ lessons: [lesson.name], tree }),
    )
    io.stdout.write(reportText(report, theme, { titles }))
  }
  io.stdout.write('\nAnd this is what it says of the solution:\n\n')
  const report = await session.check({ lessons: [lesson.name], tree: `${ROOT}/solutions` })
  io.stdout.write(reportText(report, theme, { titles }))
  return 0
}
