// expectation: never acknowledges a task twice, or with another's ack
// misconception: one-for-all

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

let current: Channel

export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  current = channel
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) void work(message, handle)
  })
  return consumerTag
}

async function work(message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  let failed = false
  try {
    await handle(message.content.toString())
  } catch (error) {
    console.error(error)
    failed = true
  }
  try {
    if (failed) current.nack(message)
    else current.ack(message)
  } catch (error) {
    console.error(`It comes again: ${String(error)}`)
  }
}
