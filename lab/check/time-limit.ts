import { type Machine, Patience, whenOver } from '../recording/patience.ts'
import type { Need } from './needs.ts'

const LIMIT_MS = 120_000
/** Scenarios that harm a node of a cluster play one after the other. */
const CLUSTER_LIMIT_MS = 240_000

/** How long a check of these scenarios may take as a whole: many times what a slow exercise takes. */
export function timeFor(scenarios: { needs: Need[] }[]): number {
  return scenarios.some(({ needs }) => needs.includes('cluster')) ? CLUSTER_LIMIT_MS : LIMIT_MS
}

/** The check's time was up before the scenario was. */
export class TimeIsUp extends Error {
  constructor() {
    super("the check's time is up")
    this.name = 'TimeIsUp'
  }
}

/**
 * The time that one check has, as the machine gives it (recording/patience.ts). Its scenarios play side by side and spend it
 * together: it passes while at least one of them plays, and stands still while all wait for others to let them at the broker.
 */
export class TimeLimit {
  readonly limitMs: number
  readonly #machine: Machine | undefined
  readonly #over = new AbortController()
  #leftMs: number
  #playing = 0
  #patience: Patience | undefined
  #callOff = () => {}

  /** @param limitMs milliseconds on a machine that has nothing else to do */
  constructor(limitMs: number, machine?: Machine) {
    this.limitMs = limitMs
    this.#machine = machine
    this.#leftMs = limitMs
  }

  /** Aborted with TimeIsUp when the time is over. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** Plays, and spends time until it is over. @throws TimeIsUp when the time is over first; `play` is left as it is then */
  async during<T>(play: () => Promise<T>): Promise<T> {
    const up = Promise.withResolvers<never>()
    const giveUp = () => up.reject(this.signal.reason)
    this.signal.throwIfAborted()
    this.signal.addEventListener('abort', giveUp, { once: true })
    this.#goOn()
    try {
      return await Promise.race([play(), up.promise])
    } finally {
      this.signal.removeEventListener('abort', giveUp)
      this.#rest()
    }
  }

  /** Waits for others, in the middle of a play: that spends no time. */
  async waiting<T>(others: Promise<T>): Promise<T> {
    this.#rest()
    try {
      return await others
    } finally {
      this.#goOn()
    }
  }

  #goOn(): void {
    if (this.#playing++ > 0) return
    this.#patience = new Patience(this.#leftMs, this.#machine)
    this.#callOff = whenOver(this.#patience, () => this.#over.abort(new TimeIsUp()))
  }

  #rest(): void {
    if (--this.#playing > 0) return
    this.#leftMs = this.#patience?.leftMs ?? 0
    this.#callOff()
  }
}
