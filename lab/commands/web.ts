import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Session } from '../check/session.ts'
import type { Checking, Judging } from '../current/current-lesson.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Tree } from '../lessons/tree.ts'
import type { Judged } from '../report/report.ts'
import { ROOT } from '../root.ts'
import type { BrokerPool } from './broker-pool.ts'
import type { SeenRecordings } from './check-page.ts'
import { command } from './command.ts'
import { count } from './options.ts'

/** `npm run web`: the lab in a browser, until Ctrl-C. */
export const web = command({
  usage: 'npm run web',
  notes:
    'It listens on this machine only, and prints the address to open. Write in your own editor: each save is checked.',
  options: { port: count('the port to listen on; by default any that is free', { most: 65_535 }) },
  run: ({ values: { port } }, io) => serveLab(port ?? 0, io),
})

async function serveLab(port: number, io: Io): Promise<number> {
  const [{ WebApp }, { serve }] = await Promise.all([import('../web/app.ts'), import('@hono/node-server')])
  const token = randomBytes(24).toString('base64url')
  await using tools = await WebTools.open(io)
  let listening = 0
  await using app = new WebApp({
    root: ROOT,
    token,
    port: () => listening,
    judging: {
      check: (lesson, checking) => tools.check(lesson, checking),
      confirm: (lesson, checking) => tools.confirm(lesson, checking),
      whenAuthoritative: () => tools.whenAuthoritative(),
    },
    broker: () => tools.status,
    seen: ({ name }) => tools.pages.get(name),
    compare: (lesson, signal) => tools.compare(lesson, signal),
  })
  const { fetch } = await app.routes()
  const server = serve({ fetch, port, hostname: '127.0.0.1' }) as Server
  listening = await portOf(server)
  io.stdout.write(`The lab is at http://127.0.0.1:${listening}/?token=${token}\nCtrl-C ends it.\n`)
  await asked()
  server.closeAllConnections()
  await new Promise<void>((closed) => server.close(() => closed()))
  return 0
}

function portOf(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('listening', () => resolve((server.address() as AddressInfo).port))
  server.once('error', (error) => {
    reject(
      new LabError('no-port', `The lab can't listen: ${error.message}.`, { advice: 'Leave --port out.', cause: error }),
    )
  })
  return promise
}

/** Resolves when somebody wants it to end. */
async function asked(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  await promise
}

/** What judges for the pages: brokers, a session, and the recordings that they show. It does one thing at a time. */
class WebTools implements AsyncDisposable, Judging {
  /** Of each lesson that was judged: what was recorded, as a page. */
  readonly pages = new Map<string, string>()
  readonly #brokers: BrokerPool
  readonly #session: Session
  readonly #seen: SeenRecordings
  readonly #lessons: Lesson[]
  readonly #tree: Tree
  #last: Promise<unknown> = Promise.resolve()

  private constructor(brokers: BrokerPool, session: Session, seen: SeenRecordings, lessons: Lesson[], tree: Tree) {
    this.#brokers = brokers
    this.#session = session
    this.#seen = seen
    this.#lessons = lessons
    this.#tree = tree
  }

  static async open(io: Io): Promise<WebTools> {
    const [{ BrokerPool }, { SeenRecordings }, { Session }, { lessons }, { tree }] = await Promise.all([
      import('./broker-pool.ts'),
      import('./check-page.ts'),
      import('../check/session.ts'),
      import('../lessons/catalogue.ts'),
      import('../lessons/tree.ts'),
    ])
    const brokers = new BrokerPool(io.env.LAB_BROKER)
    const all = await lessons(ROOT)
    const exports = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))
    const session = new Session({ root: ROOT, broker: null, exports })
    session.warm()
    return new WebTools(brokers, session, await SeenRecordings.open(null), all, await tree(ROOT))
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
    const [{ comparing }, { comparisonPage }] = await Promise.all([
      import('./comparing.ts'),
      import('../compare/page.ts'),
    ])
    const given = { lesson, tree: this.#tree, signal, tell: () => {} }
    return this.#inTurn(signal, async () =>
      comparisonPage(await comparing(this.#session, { ...given, on: await this.#brokers.now() })),
    )
  }

  async #judge(lesson: Lesson, { signal, onProgress }: Checking, on: Awaited<ReturnType<BrokerPool['now']>>) {
    const { judge } = await import('./judging.ts')
    const { folder } = this.#seen
    const wanted = { lessons: [lesson], tree: this.#tree, advice: false, on, tell: () => {}, record: folder }
    const { broker, lessons } = await judge(this.#session, { ...wanted, signal, onProgress })
    const [report] = lessons
    if (!report) throw new Error(`The check of ${lesson.name} left no report.`)
    this.pages.set(lesson.name, await this.#seen.page({ lessons, broker }, this.#lessons))
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
