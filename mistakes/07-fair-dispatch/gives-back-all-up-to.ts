// expectation: goes on with the other tasks when a handler fails
// misconception: gives-back-others

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) void work(channel, message, handle)
  })
  return consumerTag
}

async function work(channel: Channel, message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  let failed = false
  try {
    await handle(message.content.toString())
  } catch (error) {
    console.error(error)
    failed = true
  }
  try {
    if (failed) channel.nack(message, true)
    else channel.ack(message)
  } catch (error) {
    console.error(`It comes again: ${String(error)}`)
  }
}
