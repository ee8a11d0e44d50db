// expectation: resolves with the consumer tag from the broker
// misconception: fetches

import type { Channel, GetMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** Fetches a task for each place that is free. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  let free = prefetch
  const fill = async () => {
    while (free > 0) {
      free--
      const message = await channel.get(queue)
      if (!message) {
        free++
        return
      }
      void work(channel, message, handle).finally(() => free++)
    }
  }
  const timer = setInterval(() => fill().catch(() => clearInterval(timer)), 20)
  return `puller-${queue}`
}

async function work(channel: Channel, message: GetMessage, handle: TaskHandler): Promise<void> {
  let failed = false
  try {
    await handle(message.content.toString())
  } catch (error) {
    console.error(error)
    failed = true
  }
  try {
    if (failed) channel.nack(message)
    else channel.ack(message)
  } catch (error) {
    console.error(`It comes again: ${String(error)}`)
  }
}
