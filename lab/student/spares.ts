import { availableParallelism } from 'node:os'
import { Gate } from './gate.ts'
import { type Launch, type Launched, launch } from './launch.ts'

/**
 * Students' processes that are started ahead, while the broker or the rest of the lab is not ready yet: Node, the lab's
 * own part and amqplib are loaded, and no line of the student's code has run.
 *
 *   start(how, 6) ──▶ two at a time ──▶ take(how): the next of them, or a new one where all are taken
 */
export class Spares implements AsyncDisposable {
  readonly #gate = new Gate(availableParallelism())
  readonly #waiting: { key: string; started: Promise<Launched | undefined> }[] = []
  #ended = false

  /** Starts so many processes that `take` will ask for. */
  start(how: Launch, count: number): void {
    const key = keyOf(how)
    for (let i = 0; i < count; i++) {
      const started = this.#begin(how).catch(() => undefined)
      this.#waiting.push({ key, started })
    }
  }

  /** A process that was started just so; a new one where there is none left. */
  async take(how: Launch): Promise<Launched> {
    const key = keyOf(how)
    for (;;) {
      const at = this.#waiting.findIndex((one) => one.key === key)
      if (at < 0) return this.#launch(how)
      const [spare] = this.#waiting.splice(at, 1)
      const launched = await spare?.started
      if (launched && isAlive(launched)) return launched
    }
  }

  /** Resolves as soon as there is a process: whoever asked may have to guard it before it goes on. */
  #launch(how: Launch): Promise<Launched> {
    const { promise, resolve, reject } = Promise.withResolvers<Launched>()
    const starting = async () => {
      const launched = await launch(how)
      resolve(launched)
      await ready(launched)
    }
    this.#gate.pass(starting).catch(reject)
    return promise
  }

  #begin(how: Launch): Promise<Launched | undefined> {
    return this.#gate.pass(async () => (this.#ended ? undefined : await ready(await launch(how))))
  }

  /** Ends those that nobody took. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    const left = await Promise.all(this.#waiting.splice(0).map(({ started }) => started))
    for (const launched of left) launched?.child.kill('SIGKILL')
  }
}

/** Waits until it has said that it is ready, or is gone. */
async function ready(launched: Launched): Promise<Launched> {
  const { child } = launched
  await new Promise<void>((resolve) => {
    child.once('message', () => resolve())
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return launched
}

function isAlive({ child }: Launched): boolean {
  return child.connected && child.exitCode === null && child.signalCode === null
}

function keyOf(how: Launch): string {
  return JSON.stringify(how)
}
