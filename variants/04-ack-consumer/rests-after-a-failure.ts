import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** After a failure the consumer is cancelled for a moment, and comes back under its own tag. */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  const consumerTag = randomUUID()
  let isResting = false

  async function rest(): Promise<void> {
    if (isResting) return
    isResting = true
    await channel.cancel(consumerTag)
    await sleep(200, undefined, { ref: false })
    await channel.consume(queue, onMessage, { consumerTag })
    isResting = false
  }

  async function onMessage(message: ConsumeMessage | null): Promise<void> {
    if (!message) return
    try {
      await handle(message.content.toString())
    } catch {
      answer(() => channel.nack(message))
      rest().catch((error: unknown) => console.error(String(error)))
      return
    }
    answer(() => channel.ack(message))
  }

  await channel.consume(queue, onMessage, { consumerTag })
  return consumerTag
}

function answer(how: () => void): void {
  try {
    how()
  } catch (error) {
    console.error(`The channel is gone: ${String(error)}`)
  }
}
