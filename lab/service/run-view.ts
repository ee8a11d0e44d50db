import type { BrokerInfo } from '../broker/broker.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import type { Theme } from '../text/theme.ts'
import { bottomLines } from './bottom.ts'
import { type Draft, EMPTY } from './editor.ts'
import { Frames } from './frames.ts'
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
  isCluster: boolean
}

/** What is shown of a run: what happens, line after line, and below it how things stand and what is being typed. */
export class RunView {
  readonly #options: RunViewOptions
  readonly #workers = new Workers()
  readonly #frames = new Frames()
  #showsTrace = true
  #draft: Draft = EMPTY
  #awaitsKey = false
  #held: Held | undefined
  #counting = false

  constructor(options: RunViewOptions) {
    this.#options = options
  }

  /** Shows what happens, until it is put away. */
  begin(): Disposable {
    const { service, screen, live } = this.#options
    const stopShowing = service.recorder.listen((event) => this.#show(event))
    const counting = live ? setInterval(() => void this.count(), COUNT_EVERY_MS) : undefined
    return {
      [Symbol.dispose]() {
        clearInterval(counting)
        stopShowing()
        screen.end()
      },
    }
  }

  /** A worker that has a task in hand. */
  get busyWorker(): number | undefined {
    return this.#workers.all.find(({ unacked }) => unacked > 0)?.nth
  }

  /** Shows the line that is being typed, or that a key is awaited. */
  showDraft(draft: Draft, awaitsKey: boolean): void {
    this.#draft = draft
    this.#awaitsKey = awaitsKey
    this.redraw()
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

  redraw(): void {
    const { live, broker, service, isCluster, screen, theme } = this.#options
    if (!live) return
    const { lines, cursor } = bottomLines(
      {
        draft: this.#draft,
        awaitsKey: this.#awaitsKey,
        held: this.#held,
        broker,
        service: { state: service.process.state, restarting: service.restart.underWay !== undefined },
        workers: this.#workers.all,
        isCluster,
      },
      theme(),
    )
    screen.bottom(lines, cursor)
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
