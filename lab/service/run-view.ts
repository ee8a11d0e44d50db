import type { BrokerInfo } from '../broker/broker.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import type { Theme } from '../text/theme.ts'
import { aroundInput } from './bottom.ts'
import { Frames } from './frames.ts'
import type { Several } from './runnable.ts'
import type { Screen } from './screen.ts'
import type { Service } from './service.ts'
import type { Held } from './task-queue.ts'
import { Workers } from './workers.ts'

const COUNT_EVERY_MS = 1000
/** After these frames the queue does not hold what it did. */
const COUNTED = /^basic\.(deliver|ack|nack|reject|consume)/

export interface RunViewOptions {
  service: Service
  broker: BrokerInfo
  screen: Screen
  theme(): Theme
  live: boolean
  several: Several | undefined
}

/** What is shown of a run: what happens, line after line, and below it how things stand and what is being typed. */
export class RunView {
  readonly #options: RunViewOptions
  readonly #workers = new Workers()
  readonly #frames = new Frames()
  #showsTrace = true
  readonly #redraws = new Set<() => void>()
  #held: Held | undefined
  #counting = false

  constructor(options: RunViewOptions) {
    this.#options = options
  }

  /** Shows what happens, until it is put away. */
  begin(): Disposable {
    const { service, live } = this.#options
    const stopShowing = service.recorder.listen((event) => this.#show(event))
    const counting = live ? setInterval(() => void this.count(), COUNT_EVERY_MS) : undefined
    return {
      [Symbol.dispose]() {
        clearInterval(counting)
        stopShowing()
      },
    }
  }

  /** A worker that has a task in hand. */
  get busyWorker(): number | undefined {
    return this.#workers.all.find(({ unacked }) => unacked > 0)?.nth
  }

  /** Switches the trace off, or on again. Returns whether it is on. */
  switchTrace(): boolean {
    this.#showsTrace = !this.#showsTrace
    return this.#showsTrace
  }

  /** Asks what the queue holds, and shows it; one question at a time. */
  async count(): Promise<void> {
    if (!this.#options.live || this.#counting) return
    this.#counting = true
    this.#held = await this.#options.service.held()
    this.#counting = false
    this.redraw()
  }

  /** Lets the prompt draw itself anew. */
  redraw(): void {
    for (const redraw of this.#redraws) redraw()
  }

  listen(redraw: () => void): () => void {
    this.#redraws.add(redraw)
    return () => this.#redraws.delete(redraw)
  }

  /** What stands around the line that is typed. */
  around(awaitsKey: boolean): { above: string[]; below: string } {
    const { broker, service, several, theme } = this.#options
    const state = { state: service.process.state, restarting: service.restart.underWay !== undefined }
    const bottom = {
      held: this.#held,
      broker,
      service: state,
      workers: this.#workers.all,
      several,
      nodes: service.nodes.all,
    }
    return aroundInput(bottom, awaitsKey, theme())
  }

  #show(event: RecordedEvent): void {
    const { screen } = this.#options
    this.#workers.take(event)
    if (event.kind === 'process' && event.text !== undefined) screen.show({ of: 'service', text: event.text })
    for (const passed of this.#frames.take(event)) if (this.#showsTrace) screen.show({ of: 'wire', ...passed })
    if (event.kind === 'frame' && COUNTED.test(event.method)) void this.count()
    if (event.kind === 'told' || event.kind === 'process') this.redraw()
  }
}
