import { setTimeout as sleep } from 'node:timers/promises'
import { crowding, KNOWS_THE_MOMENT } from '../recording/machine.ts'

/** There is room where no more threads want each core, in the mean of so many looks. */
const MOST_EACH_CORE = 2.5
const LOOKS = 3
const LOOK_EVERY_MS = 50

/** What room is seen by. */
export interface Looks {
  /** How many threads want each core at the moment. */
  crowding(): number
  sleep(ms: number): Promise<unknown>
}

/**
 * Lets in who asks when this machine has time for one more, one after another: what came in last has to show in the
 * crowd before it is looked at again. Where nothing tells what the machine does at the moment, there is never room.
 */
export class Admission {
  readonly #looks: Looks
  readonly #mostEachCore: number
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    looks: Looks = { crowding: KNOWS_THE_MOMENT ? crowding : () => Number.POSITIVE_INFINITY, sleep },
    mostEachCore = MOST_EACH_CORE,
  ) {
    this.#looks = looks
    this.#mostEachCore = mostEachCore
  }

  /** Resolves with true when there is room, or with false as soon as there is nothing to come in for any more. */
  enter(wanted: () => boolean): Promise<boolean> {
    const entered = this.#turn.then(async () => {
      while (wanted()) if ((await this.#mean()) <= this.#mostEachCore) return wanted()
      return false
    })
    this.#turn = entered
    return entered
  }

  async #mean(): Promise<number> {
    let sum = 0
    for (let i = 0; i < LOOKS; i++) {
      await this.#looks.sleep(LOOK_EVERY_MS)
      sum += this.#looks.crowding()
    }
    return sum / LOOKS
  }
}
