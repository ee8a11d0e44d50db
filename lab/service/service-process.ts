import type { Broker } from '../broker/broker.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { ProcessEvent } from '../recording/recording.ts'
import { StudentGone } from '../student/gone.ts'
import type { Launch } from '../student/launch.ts'
import { type Student, startStudent } from '../student/student.ts'
import { Cluster } from './cluster.ts'
import type { HowToRun } from './runnable.ts'
import * as sentences from './sentences.ts'
import { QUEUE, type TaskQueue } from './task-queue.ts'
import type { Unacked } from './unacked.ts'

/** A service may print for as long as somebody looks at it, and work without a pause for as long as a task has dots. */
const LIMITS = { outputLines: Number.POSITIVE_INFINITY, outputBytes: 256 * 1024 * 1024, blockedMs: 10_000 }
/** What a service may need to stop in good order. */
export const LAST_MOMENTS_MS = 5000
const DOT_MS = 1000
const FOR_EVER_MS = 2 ** 31 - 1

export type State = 'running' | 'starting' | 'down'
export interface ServiceLaunch extends Pick<Launch, 'exercise' | 'setting'>, HowToRun {
  /** Why there is no cluster for a service that connects to nodes. */
  noNodes?: string
}

export interface ServiceProcessOptions {
  broker: Broker
  launch: ServiceLaunch
  recorder: Recorder
  /** Where it finds the broker: the wire. */
  url: string
  /** The same at each node of the broker. */
  urls: string[]
  queue: TaskQueue
  unacked: Unacked
  /** Resolves when the broker is back, where it is being restarted. */
  restarting(): Promise<void> | undefined
  say(text: string): void
}

/** The service's process: it can be killed and started again, and each time what it has left is said. */
export class ServiceProcess implements AsyncDisposable {
  readonly #options: ServiceProcessOptions
  readonly #cluster: Cluster
  #student: Student | undefined
  #starts = 0
  #starting: Promise<void> | undefined
  /** Why it ends, where that is no surprise. */
  #expected: 'killed' | 'signalled' | undefined
  #telling: Promise<void> = Promise.resolve()
  #ended: PromiseWithResolvers<void> | undefined

  constructor(options: ServiceProcessOptions) {
    this.#options = options
    const { recorder, launch, say } = options
    this.#cluster = new Cluster({ recorder, source: launch.worker, dotMs: DOT_MS, say })
  }

  get state(): State {
    return this.#starting ? 'starting' : this.#student ? 'running' : 'down'
  }

  /** It was sent SIGINT, and has not ended yet. */
  get interrupted(): boolean {
    return this.#student !== undefined && this.#expected === 'signalled'
  }

  /** Starts it, unless it runs. Resolves when its process is there, or when it could not be started. */
  async start(): Promise<void> {
    if (this.state !== 'down') return this.#options.say(sentences.RUNS_ALREADY)
    this.#starting = this.#start()
    try {
      await this.#starting
    } finally {
      this.#starting = undefined
    }
  }

  /** A service that runs is stopped first: it starts with the file as it is now. @param limitMs what it has to stop in good order */
  async startAnew(limitMs: number): Promise<void> {
    if (this.state !== 'down') {
      await this.interrupt()
      if (!(await this.gone(limitMs))) await this.kill()
    }
    await this.start()
  }

  /** Ends it as kill -9 does. */
  async kill(): Promise<void> {
    const { unacked, say } = this.#options
    await this.#starting
    if (!this.#student) return say(sentences.DOES_NOT_RUN)
    this.#expected = 'killed'
    say(sentences.killed(unacked.count))
    await this.#student.kill()
    await this.#telling
  }

  /** Ends one worker of a cluster as kill -9 does: the chosen one, where it lives. */
  killWorker(chosen: number | undefined): void {
    this.#cluster.kill(chosen)
  }

  /** Sends SIGINT. What it does then is its own business. */
  async interrupt(): Promise<void> {
    const { unacked, say } = this.#options
    await this.#starting
    if (!this.#student) return say(sentences.DOES_NOT_RUN)
    this.#expected ??= 'signalled'
    this.#student.mayEnd()
    this.#student.signal('SIGINT')
    say(sentences.interrupted(unacked.count))
  }

  /** Resolves when it does not run any more, and what it left has been said; after `limitMs` in any case. */
  async gone(limitMs = FOR_EVER_MS): Promise<boolean> {
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, limitMs)
    await Promise.race([this.#ended?.promise, limit.promise])
    clearTimeout(timer)
    return this.state === 'down'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#expected ??= 'killed'
    await this.#starting?.catch(() => {})
    await this.#student?.[Symbol.asyncDispose]()
    await this.#telling
  }

  async #start(): Promise<void> {
    const { broker, launch, recorder, url, urls } = this.#options
    this.#expected = undefined
    const { exercise, setting, driver } = launch
    try {
      const workerFile = await this.#cluster.begin()
      const student = await startStudent({
        exercise,
        setting,
        ...(driver !== undefined && { driver }),
        mayFork: workerFile !== undefined,
        env: { AMQP_URL: url, QUEUE, PREFETCH: '1', RETRY_DELAY_MS: '1000', DOT_MS: String(DOT_MS) },
        limits: LIMITS,
        recorder,
        number: ++this.#starts,
        guard: (pid) => broker.guard(pid),
        unguard: (pid) => broker.unguard(pid),
      })
      this.#student = student
      this.#ended = Promise.withResolvers()
      this.#telling = this.#watch(student, this.#ended)
      if (launch.driver !== undefined) student.call('run', { url, urls, queue: QUEUE, dotMs: DOT_MS, workerFile })
    } catch (error) {
      await this.#cluster.end()
      // The finding has said why.
      if (!(error instanceof StudentGone)) throw error
    }
  }

  async #watch(student: Student, ended: PromiseWithResolvers<void>): Promise<void> {
    const { queue, restarting, say } = this.#options
    try {
      const event = (await student.ends({ limitMs: FOR_EVER_MS })) as ProcessEvent
      this.#student = undefined
      const left = await this.#cluster.leftBehind()
      await student[Symbol.asyncDispose]()
      await this.#cluster.end()
      const end = sentences.ended(event, this.#expected)
      await restarting()
      const held = await queue.heldWithoutService().catch(() => undefined)
      say(`${end}${sentences.leftBehind(left)}${held ? sentences.held(QUEUE, held) : ''}`.trim())
    } finally {
      ended.resolve()
    }
  }
}
