// expectation: goes on with the other tasks when a handler fails
// misconception: place-not-freed
// frame: awaited.in-vain

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** The broker has the limit, and so has the process: it counts what is running. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const waiting: ConsumeMessage[] = []
  let running = 0

  async function work(message: ConsumeMessage): Promise<void> {
    running++
    try {
      await handle(message.content.toString('utf8'))
      channel.ack(message)
      running--
    } catch (error) {
      console.error('not done:', (error as Error).message)
      giveBack(message)
    }
    next()
  }

  function giveBack(message: ConsumeMessage): void {
    try {
      channel.nack(message)
    } catch (error) {
      console.error('it will come again:', (error as Error).message)
    }
  }

  function next(): void {
    const message = running < prefetch ? waiting.shift() : undefined
    if (message) void work(message)
  }

  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) waiting.push(message)
    next()
  })
  return consumerTag
}
