import { setTimeout as sleep } from 'node:timers/promises'
import type { Observer, QueueHeld } from '../check/observer.ts'
import type { Unacked } from './unacked.ts'

export const QUEUE = 'task_queue'

const CONSUMERS_GONE_MS = 5000
const SETTLED_MS = 1000
const LOOK_AGAIN_MS = 50

/** What the queue holds, and what the service has taken from it. */
export interface Held {
  exists: boolean
  waiting: number
  unacked: number
}

/** The queue of a service that is run, asked and filled past the wire. */
export class TaskQueue implements AsyncDisposable {
  readonly #observer: Observer
  readonly #unacked: Unacked
  readonly #isReplicated: boolean
  #sending: Promise<unknown> = Promise.resolve()

  /** @param isReplicated a quorum queue, as lesson 14 declares it */
  constructor(observer: Observer, unacked: Unacked, isReplicated = false) {
    this.#observer = observer
    this.#isReplicated = isReplicated
    this.#unacked = unacked
  }

  /**
   * Puts tasks into it, in the order of the calls.
   *
   * @param restarting resolves when the broker is back, where it is being restarted
   */
  send(list: string[], restarting: () => Promise<void> | undefined): Promise<void> {
    const put = () => sendTasks(this.#observer, QUEUE, list, this.#isReplicated)
    const sent = this.#sending.then(() =>
      put().catch((error: unknown) => {
        const back = restarting()
        // It came between: nobody knows how far the tasks got, and better twice than never.
        if (!back) throw error
        return back.then(put)
      }),
    )
    this.#sending = sent.catch(() => {})
    return sent
  }

  async held(): Promise<Held> {
    const { exists, messages } = await this.#observer.queue(QUEUE)
    return { exists, waiting: messages, unacked: this.#unacked.count }
  }

  /**
   * What it holds after a restart. A task may be on its way to a service that came back at once, and be counted nowhere:
   * a moment is given until it adds up.
   */
  async heldAfterRestart(before: Held): Promise<Held> {
    const end = performance.now() + SETTLED_MS
    for (;;) {
      const now = await this.held()
      if (!before.exists || !now.exists || total(now) === total(before) || performance.now() > end) return now
      await sleep(LOOK_AGAIN_MS)
    }
  }

  /** What is in it once the broker has noticed that the service is gone, and has put back what that had in hand. */
  async heldWithoutService(): Promise<QueueHeld> {
    const end = performance.now() + CONSUMERS_GONE_MS
    for (;;) {
      const held = await this.#observer.queue(QUEUE)
      if (held.consumers === 0 || performance.now() > end) return held
      await sleep(LOOK_AGAIN_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sending
    await this.#observer.close()
  }
}

export function total({ waiting, unacked }: Held): number {
  return waiting + unacked
}

/** Puts tasks into a queue: persistent, each confirmed by the broker. */
export async function sendTasks(
  observer: Observer,
  queue: string,
  tasks: string[],
  isReplicated = false,
): Promise<void> {
  // The service may not have declared it yet, and a sender must not need to know that. Where it has, its word counts.
  const type = isReplicated ? { arguments: { 'x-queue-type': 'quorum' } } : {}
  if (!(await observer.queue(queue)).exists) await observer.declare(queue, { durable: true, ...type })
  await observer.publish(queue, tasks)
}
