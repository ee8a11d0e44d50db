import type { Session } from '../check/session.ts'
import type { Checking, Judging, Withholds } from '../current/current-lesson.ts'
import type { Io } from '../io.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Tree } from '../lessons/tree.ts'
import type { Judged } from '../report/report.ts'
import { ROOT } from '../root.ts'
import type { LiveRun } from '../service/live-run.ts'
import type { BrokerPool } from './broker-pool.ts'
import type { SeenRecordings } from './check-page.ts'

interface Given {
  lessons: Lesson[]
  tree: Tree
  env: Io['env']
}

/** What judges for the pages: brokers, a session, and the recordings that they show. It does one thing at a time. */
export class WebTools implements AsyncDisposable, Judging {
  readonly #pages = new Map<string, (withholds: Withholds) => string>()
  readonly #brokers: BrokerPool
  readonly #session: Session
  readonly #seen: SeenRecordings
  readonly #lessons: Lesson[]
  readonly #tree: Tree
  readonly #env: Io['env']
  #last: Promise<unknown> = Promise.resolve()

  private constructor(brokers: BrokerPool, session: Session, seen: SeenRecordings, given: Given) {
    this.#brokers = brokers
    this.#session = session
    this.#seen = seen
    this.#lessons = given.lessons
    this.#tree = given.tree
    this.#env = given.env
  }

  static async open(env: Io['env'], broker = env.LAB_BROKER): Promise<WebTools> {
    const [{ BrokerPool }, { SeenRecordings }, { Session }, { lessons }, { tree }] = await Promise.all([
      import('./broker-pool.ts'),
      import('./check-page.ts'),
      import('../check/session.ts'),
      import('../lessons/catalogue.ts'),
      import('../lessons/tree.ts'),
    ])
    const brokers = new BrokerPool(broker)
    const all = await lessons(ROOT)
    const exports = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))
    const session = new Session({ root: ROOT, broker: null, exports })
    session.warm()
    return new WebTools(brokers, session, await SeenRecordings.open(null), {
      lessons: all,
      tree: await tree(ROOT),
      env,
    })
  }

  get status(): string {
    return this.#brokers.status
  }

  check(lesson: Lesson, checking: Checking): Promise<Judged> {
    return this.#inTurn(checking.signal, async () => this.#judge(lesson, checking, await this.#brokers.now()))
  }

  async confirm(lesson: Lesson, checking: Checking): Promise<Judged | undefined> {
    const { authoritative } = this.#brokers
    return authoritative && this.#inTurn(checking.signal, () => this.#judge(lesson, checking, authoritative))
  }

  async whenAuthoritative(): Promise<boolean> {
    return (await this.#brokers.whenReady()) !== undefined
  }

  async compare(lesson: Lesson, signal: AbortSignal): Promise<string> {
    const [{ comparing }, { comparisonPage }, { backTo }] = await Promise.all([
      import('./comparing.ts'),
      import('../compare/page.ts'),
      import('../web/layout.ts'),
    ])
    const given = { lesson, tree: this.#tree, signal, tell: () => {} }
    return this.#inTurn(signal, async () =>
      comparisonPage(await comparing(this.#session, { ...given, on: await this.#brokers.now() }), backTo(lesson)),
    )
  }

  /** What was recorded when a lesson was last judged, as a page. */
  page({ name }: Lesson, withholds: Withholds): string | undefined {
    return this.#pages.get(name)?.(withholds)
  }

  /** A run takes no turn: checks go on beside it. */
  async run(lesson: Lesson, tell: (text: string) => void): Promise<LiveRun> {
    const [{ LiveRun }, { groundOf, launchOf, runsFolder }] = await Promise.all([
      import('../service/live-run.ts'),
      import('./running.ts'),
    ])
    const exports = Object.fromEntries(this.#lessons.map(({ name, exports }) => [name, exports]))
    const launch = launchOf(lesson, exports, this.#tree.dir)
    if (launch.nodes) tell('Looking for a cluster of three RabbitMQ nodes.')
    const broker = await (launch.nodes ? this.#brokers.best() : this.#brokers.now())
    const ground = await groundOf(launch, broker, { onStarting: ({ text }) => tell(text) })
    return LiveRun.open({ ...ground, lesson: lesson.name, state: runsFolder(this.#env), whenOver: ground })
  }

  async #judge(lesson: Lesson, { signal, onProgress }: Checking, on: Awaited<ReturnType<BrokerPool['now']>>) {
    const [{ judge }, { viewerPage }, { sayingOnlySeen }] = await Promise.all([
      import('./judging.ts'),
      import('../viewer/page.ts'),
      import('../viewer/show.ts'),
    ])
    const { folder } = this.#seen
    const wanted = { lessons: [lesson], tree: this.#tree, advice: false, on, tell: () => {}, record: folder }
    const { broker, lessons } = await judge(this.#session, { ...wanted, signal, onProgress })
    const [report] = lessons
    if (!report) throw new Error(`The check of ${lesson.name} left no report.`)
    const { heading, show } = await this.#seen.seen({ lessons, broker }, this.#lessons)
    this.#pages.set(lesson.name, (withholds) => {
      const withheld = report.expectations.filter(withholds)
      const seen = new Map(withheld.map(({ title, seen = '' }) => [title, seen]))
      return viewerPage(heading, sayingOnlySeen(show, seen))
    })
    return { report, broker }
  }

  /** A session does one check at a time: the next begins when the one before is over. */
  #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => {
      signal.throwIfAborted()
      return work()
    })
    this.#last = mine.catch(() => {})
    return mine
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
    await this.#brokers[Symbol.asyncDispose]()
    await this.#seen[Symbol.asyncDispose]()
  }
}
