import type { Broker, Vhost } from '../broker/broker.ts'
import { Observer } from '../check/observer.ts'
import { Recorder } from '../recording/recorder.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import { openWire, type Wire } from '../wire/wire.ts'
import { BrokerRestart } from './broker-restart.ts'
import * as sentences from './sentences.ts'
import { type ServiceLaunch, ServiceProcess } from './service-process.ts'
import { type Held, TaskQueue } from './task-queue.ts'
import { Unacked } from './unacked.ts'

/** Nothing that happened longer ago is asked for. */
const KEPT_EVENTS = 2000

export interface ServiceOptions {
  broker: Broker
  launch: ServiceLaunch
  /** A sentence for whoever runs it. */
  say(text: string): void
}

/**
 * The student's service at work, in a virtual host of its own. What becomes of its tasks is said.
 *
 *   process ──▶ wire ──▶ broker ◀── queue (past the wire) ◀── tasks
 */
export class Service implements AsyncDisposable {
  readonly recorder: Recorder
  readonly process: ServiceProcess
  readonly restart: BrokerRestart
  /** The student's file. */
  readonly exercise: string
  readonly #say: (text: string) => void
  readonly #vhost: Vhost
  readonly #wire: Wire
  readonly #queue: TaskQueue
  readonly #unacked = new Unacked()

  private constructor({ broker, launch, say }: ServiceOptions, recorder: Recorder, vhost: Vhost, wire: Wire) {
    this.recorder = recorder
    this.exercise = launch.exercise
    this.#vhost = vhost
    this.#wire = wire
    this.#say = (text) => {
      if (text !== '') say(text)
    }
    this.#queue = new TaskQueue(new Observer(vhost.url(), recorder), this.#unacked)
    this.restart = new BrokerRestart({ broker, queue: this.#queue, say: this.#say })
    this.process = new ServiceProcess({
      broker,
      launch,
      recorder,
      url: vhost.url(wire),
      queue: this.#queue,
      unacked: this.#unacked,
      restarting: () => this.restart.underWay,
      say: this.#say,
    })
    recorder.listen((event) => this.#take(event))
  }

  static async open(options: ServiceOptions): Promise<Service> {
    const { broker } = options
    const recorder = new Recorder()
    const vhost = await broker.openVhost()
    try {
      const wire = await openWire({ recorder, target: { host: broker.host, port: broker.port } })
      return new Service(options, recorder, vhost, wire)
    } catch (error) {
      await vhost[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Straight at the broker: for whoever sends tasks. */
  get url(): string {
    return this.#vhost.url()
  }

  /** Puts tasks into the queue, in the order of the calls. */
  async send(list: string[]): Promise<void> {
    const sent = this.#queue.send(list, () => this.restart.underWay)
    await sent.catch((error: Error) => this.#say(sentences.notSent(error)))
  }

  /** What waits in the queue, with what is in hand; undefined while the broker can't say. */
  held(): Promise<Held | undefined> {
    return this.#queue.held().catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.process[Symbol.asyncDispose](), this.restart.underWay])
    await Promise.allSettled([this.#queue[Symbol.asyncDispose](), this.#wire[Symbol.asyncDispose]()])
    await this.#vhost[Symbol.asyncDispose]()
  }

  #take(event: RecordedEvent): void {
    this.#unacked.take(event)
    // That a restart closes connections is no news.
    if (!(event.kind === 'frame' && this.restart.underWay)) this.#say(sentences.ofEvent(event) ?? '')
    const { events } = this.recorder
    if (events.length > 2 * KEPT_EVENTS) events.splice(0, events.length - KEPT_EVENTS)
  }
}
