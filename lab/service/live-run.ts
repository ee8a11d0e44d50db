import type { Broker, BrokerInfo } from '../broker/broker.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import { visibleBegin } from '../text/visible.ts'
import { watchFiles } from '../watch/watch.ts'
import { standing } from './bottom.ts'
import { Frames } from './frames.ts'
import type { Deed } from './keys.ts'
import type { Shown } from './lay-out.ts'
import type { NodeStanding } from './nodes.ts'
import type { Several } from './runnable.ts'
import { announce } from './runs.ts'
import * as sentences from './sentences.ts'
import { Service } from './service.ts'
import { LAST_MOMENTS_MS, type ServiceLaunch, type State } from './service-process.ts'
import { type Held, QUEUE } from './task-queue.ts'
import { type Worker, Workers } from './workers.ts'

/** So much of what happened is kept: nobody reads more of it. */
const KEPT_LINES = 500
const COUNT_EVERY_MS = 1000
const CHANGES_QUEUE = /^basic\.(deliver|ack|nack|reject|consume)/

export interface LiveRunOptions {
  broker: Broker
  lesson: string
  launch: ServiceLaunch
  /** The folder of the lab's own files: there `npm run send` finds the run. */
  state: string
  /** Let go of when nothing of the run is left. */
  whenOver?: AsyncDisposable
}

/** Something that happened, and its number, from 1: another number is another line. */
export type Line = Shown & { nth: number }

/** How a run stands. */
export interface Standing {
  state: State
  /** The process, the queue and the broker, in a line. */
  text: string
  workers: Worker[]
  nodes: NodeStanding[]
}

/** What can be done to a run from outside; a run that is over does nothing. */
export type Action = Extract<Deed, 'kill' | 'start' | 'stop' | 'restart'>
export const ACTIONS: readonly Action[] = ['kill', 'start', 'stop', 'restart']

/**
 * A run of the student's service that others look at: what happened, line after line, and how it stands.
 *
 *   send, do ──▶ Service ──▶ events ──▶ lines, standing ──▶ listeners
 */
export class LiveRun implements AsyncDisposable {
  /** The last lines. */
  readonly lines: Line[] = []
  readonly several: Several | undefined
  readonly actions: readonly Action[]
  /** Nothing of it is left. */
  isOver = false
  readonly #broker: BrokerInfo
  readonly #service: Service
  readonly #whenOver: AsyncDisposable | undefined
  readonly #workers = new Workers()
  readonly #frames = new Frames()
  readonly #listeners = new Set<() => void>()
  readonly #leaving = new AbortController()
  readonly #putAway: (() => void)[] = []
  #count = 0
  #held: Held | undefined
  #counting = false
  #ending: Promise<void> | undefined

  private constructor({ broker, whenOver }: LiveRunOptions, service: Service) {
    this.#broker = broker.info
    this.#service = service
    this.#whenOver = whenOver
    this.several = service.several
    this.actions = ACTIONS.filter((action) => action !== 'restart' || this.several !== 'nodes')
  }

  /** Opens it, and starts the service. */
  static async open(options: LiveRunOptions): Promise<LiveRun> {
    const { broker, launch, lesson, state } = options
    let run: LiveRun | undefined
    const say = (text: string) => run?.say(text)
    const service = await Service.open({ broker, launch, say }).catch(async (error) => {
      await options.whenOver?.[Symbol.asyncDispose]()
      throw error
    })
    run = new LiveRun(options, service)
    run.#begin(broker)
    const announced = announce(state, { pid: process.pid, lesson, ...service.address, queue: QUEUE, began: Date.now() })
    run.#putAway.push(() => announced[Symbol.dispose]())
    if (launch.noNodes !== undefined) run.say(sentences.noNodes(launch.noNodes))
    run.do('start')
    return run
  }

  /** Nothing can be done to it any more. */
  get isEnding(): boolean {
    return this.#ending !== undefined
  }

  get standing(): Standing {
    const { process, restart, nodes } = this.#service
    const service = { state: process.state, restarting: restart.underWay !== undefined }
    const text = standing({ held: this.#held, broker: this.#broker, service }, { unicode: true })
    return { state: process.state, text, workers: this.#workers.all, nodes: nodes.all }
  }

  /** Hears of everything that happens, until what is returned is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Puts a task into the queue, as it was typed. */
  async send(task: string): Promise<void> {
    if (this.isEnding) return
    await this.#service.send([task])
    await this.#look()
  }

  /** Does it; what comes of it, and what fails, is among the lines. */
  do(action: Action): void {
    if (this.isEnding) return
    const { process, restart } = this.#service
    const doing: Record<Action, () => Promise<void>> = {
      kill: () => process.kill(),
      start: () => process.startAnew(LAST_MOMENTS_MS),
      stop: () => process.interrupt(),
      restart: () => restart.begin(this.#leaving.signal),
    }
    this.#do(doing[action]())
  }

  /** Kills one worker of a cluster, as kill -9 does; one that is gone is no news. */
  killWorker(nth: number): void {
    const isThere = this.#workers.all.some((worker) => worker.nth === nth)
    if (isThere && !this.isEnding) this.#service.process.killWorker(nth)
  }

  /** Stops a node of the cluster, or starts it again. */
  doToNode(name: string, what: 'stop' | 'start'): void {
    if (this.isEnding) return
    this.#do(this.#service.nodes[what](name))
    this.#tell()
  }

  #do(deed: Promise<void>): void {
    deed
      .catch((error: Error) => {
        if (!this.#leaving.signal.aborted) this.say(error.message)
      })
      .finally(() => this.#look())
  }

  /** A sentence of the lab's among the lines. */
  say(text: string): void {
    for (const line of text.split('\n')) this.#show({ of: 'lab', text: line })
  }

  /** Ends the run: the service is given a few moments to stop in good order, and the queue goes with it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  #begin(broker: Broker): void {
    const lost = () => {
      this.say(sentences.brokerGone(broker.lost.reason as Error))
      void this[Symbol.asyncDispose]()
    }
    const watch = watchFiles([this.#service.exercise], () => this.say(sentences.SAVED_WHILE_SHOWN))
    // What a service takes and does shows in its frames. What others put into the queue does not.
    const counting = setInterval(() => {
      if (this.#listeners.size > 0) void this.#look()
    }, COUNT_EVERY_MS)
    broker.lost.addEventListener('abort', lost, { once: true })
    this.#putAway.push(
      this.#service.recorder.listen((event) => this.#take(event)),
      () => watch[Symbol.dispose](),
      () => clearInterval(counting),
      () => broker.lost.removeEventListener('abort', lost),
    )
  }

  async #end(): Promise<void> {
    this.#leaving.abort(new Error('the run is left'))
    const { process } = this.#service
    if (process.state !== 'down') {
      if (!process.interrupted) await process.interrupt()
      await process.gone(LAST_MOMENTS_MS)
    }
    for (const putAway of this.#putAway) putAway()
    await this.#service[Symbol.asyncDispose]()
    await this.#whenOver?.[Symbol.asyncDispose]()
    this.isOver = true
    this.#tell()
  }

  #take(event: RecordedEvent): void {
    this.#workers.take(event)
    if (event.kind === 'process' && event.text !== undefined) this.#show({ of: 'service', text: event.text })
    for (const passed of this.#frames.take(event)) this.#show({ of: 'wire', ...passed })
    if (event.kind === 'frame' && CHANGES_QUEUE.test(event.method)) void this.#look()
    if (event.kind === 'told' || event.kind === 'process') this.#tell()
  }

  #show(shown: Shown): void {
    this.lines.push({ ...shown, text: visibleBegin(shown.text), nth: ++this.#count })
    if (this.lines.length > KEPT_LINES) this.lines.shift()
    this.#tell()
  }

  /** Asks what the queue holds; one question at a time. */
  async #look(): Promise<void> {
    if (this.#counting || this.isEnding) return
    this.#counting = true
    this.#held = await this.#service.held()
    this.#counting = false
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
