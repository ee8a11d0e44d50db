import { randomUUID } from 'node:crypto'
import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

const PAUSE_MS = 50

/**
 * The limit is the broker's, and the process counts as well. A failed task goes back after a pause; the consumer has a
 * tag of its own, and a low priority.
 */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  const waiting: ConsumeMessage[] = []
  let running = 0

  async function work(message: ConsumeMessage): Promise<void> {
    let answer = () => channel.ack(message, false)
    try {
      await handle(new TextDecoder().decode(message.content))
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      answer = () => channel.nack(message, false, true)
    }
    try {
      answer()
    } catch (error) {
      console.warn('too late:', (error as Error).message)
    }
  }

  function next(): void {
    const message = running < prefetch ? waiting.shift() : undefined
    if (!message) return
    running++
    work(message).finally(() => {
      running--
      next()
    })
  }

  await channel.prefetch(prefetch)
  const consuming = await channel.consume(
    queue,
    (message) => {
      if (message) waiting.push(message)
      next()
    },
    { consumerTag: `worker-${randomUUID()}`, priority: -1 },
  )
  return consuming.consumerTag
}
