// expectation: has its own limit beside another consumer on its channel
// misconception: one-at-a-time

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

const MOST = 8

/** The broker knows the limit; the process has one of its own. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  const waiting: ConsumeMessage[] = []
  let working = 0
  const next = () => {
    const message = working < MOST ? waiting.shift() : undefined
    if (!message) return
    working++
    void work(channel, message, handle).finally(() => {
      working--
      next()
    })
  }
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) waiting.push(message)
    next()
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
    if (failed) channel.nack(message)
    else channel.ack(message)
  } catch (error) {
    console.error(`It comes again: ${String(error)}`)
  }
}
