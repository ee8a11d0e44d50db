import { setTimeout as sleep } from 'node:timers/promises'
import type { Observer, QueueHeld } from '../check/observer.ts'

const CONSUMERS_GONE_MS = 5000
const LOOK_AGAIN_MS = 50

/** Puts tasks into the queue: persistent, each confirmed by the broker. */
export async function sendTasks(observer: Observer, queue: string, tasks: string[]): Promise<void> {
  // The service may not have declared it yet, and a sender must not need to know that. Where it has, its word counts.
  if (!(await observer.queue(queue)).exists) await observer.declare(queue, { durable: true })
  await observer.publish(queue, tasks)
}

/**
 * What is in the queue once the broker has noticed that the service is gone, and has put back what that had in hand.
 */
export async function heldWithoutService(observer: Observer, queue: string): Promise<QueueHeld> {
  const end = performance.now() + CONSUMERS_GONE_MS
  for (;;) {
    const held = await observer.queue(queue)
    if (held.consumers === 0 || performance.now() > end) return held
    await sleep(LOOK_AGAIN_MS)
  }
}

export function tasks(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`
}

/** What a queue holds, in a sentence. */
export function heldSentence(queue: string, held: QueueHeld): string {
  if (!held.exists) return `There is no queue ${queue}.`
  if (held.locked === true) return `${queue} is exclusive to the service's connection: nobody else may look into it.`
  return held.messages === 0 ? `${queue} is empty.` : `${queue} holds ${tasks(held.messages)} now.`
}
