import type { Broker, Vhost } from '../broker/broker.ts'
import { nodesOf } from '../broker/nodes.ts'
import { Observer } from '../check/observer.ts'
import { Recorder } from '../recording/recorder.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import { openWire, type Wire } from '../wire/wire.ts'
import { BrokerRestart } from './broker-restart.ts'
import { Nodes } from './nodes.ts'
import type { Several } from './runnable.ts'
import type { AnnouncedRun } from './runs.ts'
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
 *
 * A service that connects to nodes has a wire in front of each.
 */
export class Service implements AsyncDisposable {
  readonly recorder: Recorder
  readonly process: ServiceProcess
  readonly restart: BrokerRestart
  readonly nodes: Nodes
  readonly several: Several | undefined
  /** The student's file. */
  readonly exercise: string
  readonly #say: (text: string) => void
  readonly #vhost: Vhost
  readonly #wires: Wire[]
  readonly #queue: TaskQueue
  readonly #isReplicated: boolean
  readonly #nodeUrls: string[]
  readonly #unacked = new Unacked()

  private constructor({ broker, launch, say }: ServiceOptions, recorder: Recorder, vhost: Vhost, wires: Wire[]) {
    this.recorder = recorder
    this.exercise = launch.exercise
    this.#vhost = vhost
    this.#wires = wires
    this.#say = (text) => {
      if (text !== '') say(text)
    }
    const [url = '', ...urls] = wires.map((wire) => vhost.url(wire))
    this.#isReplicated = launch.nodes === true
    const nodes = this.#isReplicated ? broker.nodes : []
    this.#nodeUrls = nodes.map((node) => vhost.url(node))
    this.several = nodes.length > 0 ? 'nodes' : launch.worker === undefined ? undefined : 'workers'
    this.nodes = new Nodes({
      broker: { nodes, turn: (wanted) => broker.turn(wanted) },
      hasService: (name) => (wires[nodes.findIndex((node) => node.name === name)]?.openConnections() ?? 0) > 0,
      say: this.#say,
    })
    this.#queue = new TaskQueue(new Observer(() => this.url, recorder), this.#unacked, this.#isReplicated)
    this.restart = new BrokerRestart({ broker, queue: this.#queue, say: this.#say })
    this.process = new ServiceProcess({
      broker,
      launch,
      recorder,
      url,
      urls: [url, ...urls],
      queue: this.#queue,
      unacked: this.#unacked,
      restarting: () => this.restart.underWay,
      say: this.#say,
    })
    recorder.listen((event) => this.#take(event))
  }

  static async open(options: ServiceOptions): Promise<Service> {
    const { broker, launch } = options
    const recorder = new Recorder()
    const vhost = await broker.openVhost()
    const targets = launch.nodes ? nodesOf(broker) : [broker]
    const wires: Wire[] = []
    try {
      for (const { host, port, ...rest } of targets) {
        const name = 'name' in rest && broker.nodes.length > 0 ? { name: rest.name } : {}
        wires.push(await openWire({ recorder, target: { host, port }, ...name }))
      }
      return new Service(options, recorder, vhost, wires)
    } catch (error) {
      await Promise.allSettled(wires.map((wire) => wire[Symbol.asyncDispose]()))
      await vhost[Symbol.asyncDispose]()
      throw error
    }
  }

  /** For whoever sends tasks from elsewhere. */
  get address(): Pick<AnnouncedRun, 'url' | 'urls' | 'isReplicated'> {
    const { url } = this
    return this.#isReplicated ? { url, urls: this.#nodeUrls, isReplicated: true } : { url }
  }

  /** Straight at the broker. */
  get url(): string {
    return this.#vhost.url(this.nodes.up)
  }

  /** Puts tasks into the queue, in the order of the calls. */
  async send(list: string[]): Promise<void> {
    const sent = this.#queue.send(list, () => this.restart.underWay ?? this.nodes.underWay)
    await sent.catch((error: Error) => this.#say(sentences.notSent(error)))
  }

  /** What waits in the queue, with what is in hand; undefined while the broker can't say. */
  held(): Promise<Held | undefined> {
    return this.#queue.held().catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.process[Symbol.asyncDispose](), this.restart.underWay])
    await this.nodes[Symbol.asyncDispose]()
    await Promise.allSettled([this.#queue, ...this.#wires].map((each) => each[Symbol.asyncDispose]()))
    await this.#vhost[Symbol.asyncDispose]()
  }

  #take(event: RecordedEvent): void {
    this.#unacked.take(event)
    // That a restart closes connections is no news, nor that a node does that is stopped.
    const isNoNews = this.restart.underWay ?? this.nodes.underWay
    if (!(event.kind === 'frame' && isNoNews)) this.#say(sentences.ofEvent(event) ?? '')
    const { events } = this.recorder
    if (events.length > 2 * KEPT_EVENTS) events.splice(0, events.length - KEPT_EVENTS)
  }
}
