import { Patience } from '../recording/patience.ts'
import * as findings from './findings.ts'
import type { Limits } from './limits.ts'
import type { StudentProcess } from './process.ts'

const PING_EVERY_MS = 250

/** Pings now and then: a loop without an await, or memory without bound, is found while it happens. */
export class Watchdog {
  readonly #process: StudentProcess
  readonly #limits: Limits
  readonly #now: () => number
  readonly #pings = new Map<number, { atMs: number; answered: (ms: number) => void }>()
  readonly #timer: NodeJS.Timeout
  #pingCount = 0
  #isReady = false
  #hasAnswered = true
  #patience: Patience

  /** @param now the recording's clock */
  constructor(process: StudentProcess, limits: Limits, now: () => number) {
    this.#process = process
    this.#limits = limits
    this.#now = now
    this.#patience = new Patience(limits.blockedMs)
    this.#timer = setInterval(() => this.#look(), PING_EVERY_MS)
    this.#timer.unref()
    void process.gone.then(() => this.end())
  }

  /** The process has loaded the lab's part: from now on it has to answer. */
  ready(): void {
    this.#isReady = true
  }

  /** @param answered called with how long the event loop took to answer, in milliseconds */
  ping(answered: (ms: number) => void): void {
    const id = ++this.#pingCount
    this.#process.send({ type: 'ping', id }, () => this.#pings.set(id, { atMs: this.#now(), answered }))
  }

  pong({ id, rssBytes }: { id: number; rssBytes: number }): void {
    const ping = this.#pings.get(id)
    this.#pings.delete(id)
    ping?.answered(Math.round((this.#now() - ping.atMs) * 100) / 100)
    if (rssBytes > this.#limits.rssBytes) this.#process.stop(findings.memory())
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    if (!this.#isReady) return
    if (this.#hasAnswered) {
      this.#hasAnswered = false
      this.#patience = new Patience(this.#limits.blockedMs)
      this.ping(() => {
        this.#hasAnswered = true
      })
    } else if (this.#patience.isOver) {
      this.#process.isBlocked(this.#limits.blockedMs)
    }
  }
}
