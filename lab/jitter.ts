import { setTimeout as sleep } from 'node:timers/promises'
import { Lag } from './lag.ts'
import { random } from './random.ts'

/** Finer than any timer. */
const STEPS = 1_000_000

/** Delays that vary from play to play of the same scenario, and are the same for the same seed. */
export class Jitter {
  readonly #of: string

  /** @param of the seed, and what is played with it */
  constructor(...of: (string | number)[]) {
    this.#of = of.join('\n')
  }

  /** That of a part, with sequences of its own. */
  of(part: string): Jitter {
    return new Jitter(this.#of, part)
  }

  /** Delays in milliseconds: most are short, and a few come near `mostMs`. Each name is a sequence of its own. */
  delays(name: string): (mostMs: number) => number {
    const draw = this.#draws(`delays\n${name}`)
    // Half of them are below an eighth of the most, a fifth above half of it.
    return (mostMs) => mostMs * (draw(STEPS) / STEPS) ** 3
  }

  /** What passes such delays on its way. */
  lag(name: string, mostMs: number): Lag {
    const delay = this.delays(name)
    return new Lag(() => delay(mostMs))
  }

  /** Lets such a delay pass. */
  pauses(name: string): (mostMs: number) => Promise<void> {
    const delay = this.delays(name)
    return async (mostMs) => {
      await sleep(delay(mostMs))
    }
  }

  /** Whole numbers below what is asked for. Each name is a sequence of its own. */
  numbers(name: string): (below: number) => number {
    return this.#draws(`numbers\n${name}`)
  }

  #draws(name: string): (below: number) => number {
    return random(hash(`${this.#of}\n${name}`))
  }
}

/** FNV-1a: names that differ in one letter give seeds that have nothing in common. */
function hash(text: string): number {
  let hashed = 0x811c9dc5
  for (const byte of Buffer.from(text)) hashed = Math.imul(hashed ^ byte, 0x01000193)
  return hashed
}
