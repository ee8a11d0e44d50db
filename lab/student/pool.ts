import { availableParallelism } from 'node:os'
import { Gate } from './gate.ts'
import { type Launch, type Launched, type Launcher, launch } from './launch.ts'

/** All processes that this one starts go through it: starting one is all computing. */
const GATE = new Gate(availableParallelism())

/**
 * Students' processes that are started ahead, while the broker or the rest of the lab is not ready yet: Node, the lab's
 * own part and amqplib are loaded, and no line of the student's code has run.
 *
 *   start(how, 6) ──▶ two at a time ──▶ reserve(1) ──▶ take(how): one of them, or a new one where all are taken
 */
export class ProcessPool implements AsyncDisposable {
  readonly #waiting: Prewarmed[] = []
  readonly #launcher: Launcher
  #ended = false

  constructor(launcher: Launcher = launch) {
    this.#launcher = launcher
  }

  /** Starts so many processes that will be asked for. Resolves when as many are ready as run at once on this machine. */
  async start(how: Launch, count: number): Promise<void> {
    const key = keyOf(how)
    const before = this.#waiting.length
    for (let i = 0; i < count; i++) {
      const started = this.#begin(how).catch(() => undefined)
      this.#waiting.push({ key, started })
    }
    await Promise.all(this.#waiting.slice(before, before + availableParallelism()).map(({ started }) => started))
  }

  /** Sets so many of the next ones aside: who asks first gets those that are ready first, however late it needs them. */
  reserve(count: number): Reserved {
    const own = this.#waiting.splice(0, count)
    return {
      take: async (how) => {
        const key = keyOf(how)
        for (let at = own.findIndex((one) => one.key === key); at >= 0; at = own.findIndex((one) => one.key === key)) {
          const [prewarmed] = own.splice(at, 1)
          const launched = await prewarmed?.started
          if (launched && isAlive(launched)) return launched
        }
        return this.#launch(how)
      },
      [Symbol.asyncDispose]: () => endAll(own.splice(0)),
    }
  }

  /** Resolves as soon as there is a process: whoever asked may have to guard it before it goes on. */
  #launch(how: Launch): Promise<Launched> {
    const { promise, resolve, reject } = Promise.withResolvers<Launched>()
    const starting = async () => {
      const launched = await this.#launcher(how)
      resolve(launched)
      await ready(launched)
    }
    GATE.pass(starting).catch(reject)
    return promise
  }

  #begin(how: Launch): Promise<Launched | undefined> {
    return GATE.pass(async () => (this.#ended ? undefined : await ready(await this.#launcher(how))))
  }

  /** Ends those that nobody took. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    await endAll(this.#waiting.splice(0))
  }
}

/** Processes for one scenario. */
export interface Reserved extends AsyncDisposable {
  /** A process that was started just so; a new one where there is none left. */
  take(how: Launch): Promise<Launched>
}

interface Prewarmed {
  key: string
  started: Promise<Launched | undefined>
}

async function endAll(pool: Prewarmed[]): Promise<void> {
  for (const launched of await Promise.all(pool.map(({ started }) => started))) launched?.killGroup()
}

/** Waits until it has said that it is ready, or is gone. */
async function ready(launched: Launched): Promise<Launched> {
  const { child, line } = launched
  await new Promise<void>((resolve) => {
    void line?.first.then(resolve)
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return launched
}

function isAlive({ child, line }: Launched): boolean {
  return line?.isOpen === true && child.exitCode === null && child.signalCode === null
}

function keyOf(how: Launch): string {
  return JSON.stringify(how)
}
