import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { crowding } from './machine.ts'

/** How often the machine is looked at. */
const LOOK_EVERY_MS = 100
/** What one look can count at the most: who was stopped, or asleep with the whole machine, has not waited. */
const MOST_A_LOOK_MS = 5 * LOOK_EVERY_MS
/** Nothing is waited for longer than so many times its limit. */
const MOST_SLOWNESS = 10

/** What patience goes by. */
export interface Machine {
  /** Milliseconds since some time or other. */
  now(): number
  /** How many want each core at the moment; at least 1. */
  slowness(): number
}

/**
 * A limit on a wait, in time as the machine gives it. Where three processes want each core, what takes a second of
 * computing takes three: a second there counts as a third of one. On a machine that has nothing else to do it is the
 * time of the clock.
 */
export class Patience {
  readonly #limitMs: number
  readonly #machine: Machine
  #passedMs = 0
  #lookedAt: number

  /** @param limitMs milliseconds on a machine that has nothing else to do */
  constructor(limitMs: number, machine: Machine = THIS_MACHINE) {
    this.#limitMs = limitMs
    this.#machine = machine
    this.#lookedAt = machine.now()
  }

  /** Milliseconds that have passed. To be asked every now and then: each time counts half a second at the most. */
  get passedMs(): number {
    const now = this.#machine.now()
    this.#passedMs += Math.min(now - this.#lookedAt, MOST_A_LOOK_MS) / this.#machine.slowness()
    this.#lookedAt = now
    return this.#passedMs
  }

  /** Milliseconds that are left; never less than 0. */
  get leftMs(): number {
    return Math.max(0, this.#limitMs - this.passedMs)
  }

  get isOver(): boolean {
    return this.leftMs === 0
  }
}

/** Calls `listener` when so much time has passed, as patience counts it. Returns the function that calls it off. */
export function whenOver(limit: number | Patience, listener: () => void): () => void {
  const patience = typeof limit === 'number' ? new Patience(limit) : limit
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    const { leftMs } = patience
    if (leftMs === 0) listener()
    else timer = setTimeout(look, Math.min(Math.ceil(leftMs), LOOK_EVERY_MS))
  }
  look()
  return () => clearTimeout(timer)
}

/** Lets so much time pass, as patience counts it. */
export async function pass(ms: number): Promise<void> {
  const patience = new Patience(ms)
  for (let { leftMs } = patience; leftMs > 0; { leftMs } = patience) {
    await sleep(Math.min(Math.ceil(leftMs), LOOK_EVERY_MS))
  }
}

const THIS_MACHINE: Machine = { now: () => performance.now(), slowness }

let lookedAt = Number.NEGATIVE_INFINITY
let seen = 1

function slowness(): number {
  const now = performance.now()
  if (now - lookedAt >= LOOK_EVERY_MS / 2) {
    lookedAt = now
    seen = Math.min(MOST_SLOWNESS, Math.max(1, crowding()))
  }
  return seen
}
