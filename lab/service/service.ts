import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker, Vhost } from '../broker/broker.ts'
import { Observer } from '../check/observer.ts'
import { Recorder } from '../recording/recorder.ts'
import type { FindingEvent, ProcessEvent, ToldEvent } from '../recording/recording.ts'
import { ROOT } from '../root.ts'
import { StudentGone } from '../student/gone.ts'
import type { Launch } from '../student/launch.ts'
import { type Student, startStudent } from '../student/student.ts'
import { openWorkers, type Workers } from '../student/workers.ts'
import { openWire, type Wire } from '../wire/wire.ts'
import { heldSentence, heldWithoutService, sendTasks, tasks } from './held.ts'
import { InHand } from './in-hand.ts'
import type { HowToRun } from './runnable.ts'

export const QUEUE = 'task_queue'
/** A service may print for as long as somebody looks at it. */
const LIMITS = { outputLines: Number.POSITIVE_INFINITY, outputBytes: 256 * 1024 * 1024 }
const DOT_MS = 1000
/** Nothing that happened longer ago is asked for. */
const KEPT_EVENTS = 2000
const SETTLED_MS = 1000
const LOOK_AGAIN_MS = 50
const FOR_EVER_MS = 2 ** 31 - 1

/** What becomes of the workers of a cluster. */
const WORKER_SAYINGS: Record<string, string> = {
  'worker-started': 'has been started',
  'worker-ready': 'is ready',
  'worker-lost': 'has lost the broker, and tries again',
  'worker-asked': 'got SIGTERM',
  'worker-gone': 'is gone',
}

export interface ServiceOptions {
  broker: Broker
  launch: Pick<Launch, 'exercise' | 'setting'> & HowToRun
  /** A sentence for whoever runs it. */
  say(text: string): void
}

/**
 * The student's service at work, in a virtual host of its own: it can be killed and started again, its broker can be
 * restarted, and each time what became of the tasks is said.
 *
 *   service ──▶ wire ──▶ broker ◀── observer ◀── tasks
 */
export class Service implements AsyncDisposable {
  readonly recorder: Recorder
  readonly inHand = new InHand()
  readonly #options: ServiceOptions
  readonly #vhost: Vhost
  readonly #wire: Wire
  readonly #observer: Observer
  #student: Student | undefined
  /** Of a service that is a cluster. */
  #workers: Workers | undefined
  #starts = 0
  #starting: Promise<void> | undefined
  #restarting: Promise<void> | undefined
  #sending: Promise<unknown> = Promise.resolve()
  /** Why it ends, where that is no surprise. */
  #expected: 'killed' | 'signalled' | undefined
  #telling: Promise<void> = Promise.resolve()
  #ended: PromiseWithResolvers<void> | undefined

  private constructor(options: ServiceOptions, parts: { recorder: Recorder; vhost: Vhost; wire: Wire }) {
    this.#options = options
    this.recorder = parts.recorder
    this.#vhost = parts.vhost
    this.#wire = parts.wire
    this.#observer = new Observer(parts.vhost.url(), parts.recorder)
    this.recorder.listen((event) => {
      this.inHand.take(event)
      if (event.kind === 'finding') this.#found(event)
      if (event.kind === 'told') this.#told(event)
      if (event.kind === 'frame' && event.method === 'connection.close' && event.from === 'broker') {
        if (event.fields.replyCode === 320 && !this.#restarting)
          this.#say('The broker closed the connection by force, and not at your word: a check may have restarted it.')
      }
      const { events } = this.recorder
      if (events.length > 2 * KEPT_EVENTS) events.splice(0, events.length - KEPT_EVENTS)
    })
  }

  static async open(options: ServiceOptions): Promise<Service> {
    const { broker } = options
    const recorder = new Recorder()
    const vhost = await broker.openVhost()
    try {
      const wire = await openWire({ recorder, target: { host: broker.host, port: broker.port } })
      return new Service(options, { recorder, vhost, wire })
    } catch (error) {
      await vhost[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Straight at the broker: for whoever sends tasks. */
  get url(): string {
    return this.#vhost.url()
  }

  get state(): 'running' | 'starting' | 'down' {
    return this.#starting ? 'starting' : this.#student ? 'running' : 'down'
  }

  /** It was sent SIGINT, and has not ended yet. */
  get interrupted(): boolean {
    return this.#student !== undefined && this.#expected === 'signalled'
  }

  get restarting(): boolean {
    return this.#restarting !== undefined
  }

  /** Starts it, unless it runs. Resolves when its process is there, or when it could not be started. */
  async start(): Promise<void> {
    if (this.state !== 'down') return this.#say('Your service runs already.')
    this.#starting = this.#start()
    try {
      await this.#starting
    } finally {
      this.#starting = undefined
    }
  }

  /** Ends it as kill -9 does. */
  async kill(): Promise<void> {
    await this.#starting
    const inHand = this.inHand.count
    if (!this.#student) return this.#say('Your service does not run. Start it first.')
    this.#expected = 'killed'
    this.#say(
      inHand === 0
        ? 'Your service was killed. It had no task in hand.'
        : `Your service was killed with ${tasks(inHand)} in hand, not acknowledged: the broker puts ${inHand === 1 ? 'it' : 'them'} back.`,
    )
    await this.#student.kill()
    await this.#telling
  }

  /** Ends one worker of a cluster as kill -9 does: one that has a task in hand, where there is one. */
  killWorker(chosen: number | undefined): void {
    const alive = this.#workers?.alive() ?? []
    const worker = alive.find(({ nth }) => nth === chosen) ?? alive[0]
    if (worker) {
      this.#say(`Worker ${worker.nth} is killed.`)
      this.#workers?.tell(worker.nth, 'die')
    } else {
      const isCluster = this.#options.launch.worker !== undefined
      this.#say(isCluster ? 'There is no worker now.' : 'Your service has no workers of its own.')
    }
  }

  /** Sends SIGINT. What it does then is its own business. */
  async interrupt(): Promise<void> {
    await this.#starting
    if (!this.#student) return this.#say('Your service does not run. Start it first.')
    this.#expected ??= 'signalled'
    this.#student.mayEnd()
    this.#student.signal('SIGINT')
    const inHand = this.inHand.count
    this.#say(`SIGINT is sent. Your service has ${inHand === 0 ? 'no task' : tasks(inHand)} in hand.`)
  }

  /** Resolves when it does not run any more, and what it left has been said; after `limitMs` in any case. */
  async gone(limitMs = FOR_EVER_MS): Promise<boolean> {
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, limitMs)
    await Promise.race([this.#ended?.promise, limit.promise])
    clearTimeout(timer)
    return this.state === 'down'
  }

  /** Puts tasks into the queue, in the order of the calls. */
  async send(list: string[]): Promise<void> {
    const put = () => sendTasks(this.#observer, QUEUE, list)
    const sent = this.#sending.then(() =>
      put().catch((error: unknown) => {
        // It came between: nobody knows how far the tasks got, and better twice than never.
        if (!this.#restarting) throw error
        return this.#restarting.then(put)
      }),
    )
    this.#sending = sent.catch(() => {})
    await sent.catch((error: Error) => this.#say(`The task could not be sent: ${error.message}`))
  }

  /** What waits in the queue, with what is in hand; undefined while the broker can't say. */
  async held(): Promise<{ waiting: number; inHand: number; exists: boolean } | undefined> {
    const held = await this.#observer.queue(QUEUE).catch(() => undefined)
    return held && { waiting: held.messages, inHand: this.inHand.count, exists: held.exists }
  }

  /** A real restart, when no check needs the broker undisturbed; until then the run goes on. */
  async restartBroker(signal: AbortSignal): Promise<void> {
    if (this.#restarting) return this.#say('The broker is being restarted already.')
    this.#say('The broker is to be restarted, as soon as no check needs it.')
    const done = Promise.withResolvers<void>()
    this.#restarting = done.promise
    try {
      await using turn = await this.#options.broker.turn({ restarts: true, signal })
      const before = await this.#observer.queue(QUEUE)
      const had = before.messages + this.inHand.count
      await unlessAborted(() => turn.restart(), signal)
      this.#say(`The broker was restarted. ${await this.#afterRestart(before.exists, had)}`)
    } finally {
      this.#restarting = undefined
      done.resolve()
    }
  }

  async #afterRestart(existed: boolean, had: number): Promise<string> {
    const end = performance.now() + SETTLED_MS
    for (;;) {
      const held = await this.#observer.queue(QUEUE)
      if (!existed) return `There was no queue ${QUEUE} yet.`
      if (!held.exists) return `${QUEUE} is gone, and what was in it: it was not durable.`
      const now = held.messages + this.inHand.count
      const still = `${QUEUE} is still there, because it is durable`
      if (now === 0 && had === 0) return `${still}. It is empty, as before.`
      if (now === had) return `${still}. It still holds ${tasks(had)}, because tasks are sent as persistent.`
      // A task may be on its way to a service that came back at once, and be counted nowhere.
      if (performance.now() > end) return `${still}. It holds ${tasks(now)} now.`
      await sleep(LOOK_AGAIN_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#expected ??= 'killed'
    await this.#starting?.catch(() => {})
    await Promise.allSettled([this.#student?.[Symbol.asyncDispose](), this.#restarting])
    await Promise.allSettled([this.#telling, this.#sending])
    await Promise.allSettled([this.#observer.close(), this.#wire[Symbol.asyncDispose]()])
    await this.#vhost[Symbol.asyncDispose]()
  }

  async #start(): Promise<void> {
    const { broker, launch } = this.#options
    const env = {
      AMQP_URL: this.#vhost.url(this.#wire),
      QUEUE,
      PREFETCH: '1',
      RETRY_DELAY_MS: '1000',
      DOT_MS: String(DOT_MS),
    }
    this.#expected = undefined
    const { worker, ...how } = launch
    try {
      const workers = worker === undefined ? undefined : await this.#openWorkers(worker)
      const student = await startStudent({
        ...how,
        mayFork: workers !== undefined,
        env,
        limits: LIMITS,
        recorder: this.recorder,
        number: ++this.#starts,
        guard: (pid) => broker.guard(pid),
        unguard: (pid) => broker.unguard(pid),
      })
      this.#student = student
      this.#ended = Promise.withResolvers()
      this.#telling = this.#watch(student, this.#ended)
      if (launch.driver !== undefined) {
        student.call('run', { url: env.AMQP_URL, queue: QUEUE, dotMs: DOT_MS, workerFile: workers?.file })
      }
    } catch (error) {
      await this.#endWorkers()
      // The finding has said why.
      if (!(error instanceof StudentGone)) throw error
    }
  }

  async #openWorkers(source: string): Promise<Workers> {
    const plan = (nth: number) => ({ nth, dotMs: DOT_MS })
    this.#workers = await openWorkers({ recorder: this.recorder, root: ROOT, source, plan })
    return this.#workers
  }

  async #endWorkers(): Promise<void> {
    await this.#workers?.[Symbol.asyncDispose]()
    this.#workers = undefined
  }

  /** How many workers still live when their cluster has ended: those that end with it are given a moment. */
  async #leftBehind(): Promise<number> {
    for (const end = performance.now() + SETTLED_MS; ; await sleep(LOOK_AGAIN_MS)) {
      const left = this.#workers?.alive().length ?? 0
      if (left === 0 || performance.now() > end) return left
    }
  }

  async #watch(student: Student, ended: PromiseWithResolvers<void>): Promise<void> {
    try {
      const event = (await student.ends({ limitMs: FOR_EVER_MS })) as ProcessEvent
      this.#student = undefined
      const left = await this.#leftBehind()
      await student[Symbol.asyncDispose]()
      await this.#endWorkers()
      const how = event.signal ? `signal ${event.signal}` : `exit code ${event.code}`
      const self = this.#expected === undefined ? ' by itself,' : ''
      const end = this.#expected === 'killed' ? '' : `Your service ended${self} with ${how}. `
      await this.#restarting
      const held = await heldWithoutService(this.#observer, QUEUE).catch(() => undefined)
      const behind =
        left === 0
          ? ''
          : `It left ${left === 1 ? 'a worker' : `${left} workers`} behind; the lab has ended ${left === 1 ? 'it' : 'them'}. `
      this.#say(`${end}${behind}${held ? heldSentence(QUEUE, held) : ''}`.trim())
    } finally {
      ended.resolve()
    }
  }

  #found({ id, sentence, detail }: FindingEvent): void {
    // That it ended, and what it printed last, has been seen; Node has printed the stack of what crashed it.
    if (id === 'exited') return
    const shown = detail === undefined || /^(crashed|unhandled-rejection)$/.test(id)
    this.#say(shown ? sentence : `${sentence}\n${detail}`)
  }

  /** Nobody but the lab hears what becomes of a driver's call. */
  #told({ name, data }: ToldEvent): void {
    const { ok, error, nth } = data as { ok?: boolean; error?: { message: string }; nth?: number }
    const saying = WORKER_SAYINGS[name]
    if (saying !== undefined) this.#say(`Worker ${nth} ${saying}.`)
    if (name !== 'settled' || ok !== false) return
    this.#say(`Your service could not begin: ${error?.message}`)
  }

  #say(text: string): void {
    if (text !== '') this.#options.say(text)
  }
}

/** Whoever leaves does not wait for a restart that has not come: to leave the turn takes the wish back. */
async function unlessAborted<T>(begin: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const left = Promise.withResolvers<never>()
  const leave = () => left.reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  const work = begin()
  // Whoever loses the race may still fail: nobody is interested any more.
  work.catch(() => {})
  try {
    return await Promise.race([work, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
