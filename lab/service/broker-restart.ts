import type { Broker } from '../broker/broker.ts'
import * as sentences from './sentences.ts'
import type { TaskQueue } from './task-queue.ts'

export interface BrokerRestartOptions {
  broker: Broker
  queue: TaskQueue
  say(text: string): void
}

/** Restarts the service's broker, and says what became of its queue. */
export class BrokerRestart {
  readonly #options: BrokerRestartOptions
  #underWay: Promise<void> | undefined

  constructor(options: BrokerRestartOptions) {
    this.#options = options
  }

  /** Resolves when the restart that was asked for is over; undefined where none was. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay
  }

  /** A real restart, when no check needs the broker undisturbed; until then the run goes on. */
  async begin(signal: AbortSignal): Promise<void> {
    const { broker, queue, say } = this.#options
    if (broker.nodes.length > 0) return say(sentences.NOT_AS_A_WHOLE)
    if (this.#underWay) return say(sentences.RESTARTS_ALREADY)
    say(sentences.WILL_RESTART)
    const over = Promise.withResolvers<void>()
    this.#underWay = over.promise
    try {
      await using turn = await broker.turn({ restarts: true, signal })
      const before = await queue.held()
      await unlessAborted(() => turn.restart(), signal)
      say(sentences.restarted(before, await queue.heldAfterRestart(before)))
    } finally {
      this.#underWay = undefined
      over.resolve()
    }
  }
}

/** Whoever leaves does not wait for a restart that has not come: to leave the turn takes the wish back. */
async function unlessAborted<T>(begin: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const left = Promise.withResolvers<never>()
  const leave = () => left.reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  const work = begin()
  // Whoever loses the race may still fail: nobody is interested any more.
  work.catch(() => {})
  try {
    return await Promise.race([work, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
