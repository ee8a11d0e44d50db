// expectation: works on `prefetch` tasks at once if there are that many
// misconception: waits-for-the-batch
// frame: basic.ack

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** Collects what the workers have done, and acknowledges when nobody is at work any more. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const done: (() => void)[] = []
  let running = 0

  async function work(message: ConsumeMessage): Promise<void> {
    running++
    try {
      await handle(message.content.toString('utf8'))
      done.push(() => channel.ack(message))
    } catch {
      done.push(() => channel.nack(message))
    }
    if (--running > 0) return
    try {
      for (const answer of done.splice(0)) answer()
    } catch (error) {
      console.error('too late:', (error as Error).message)
    }
  }

  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) void work(message)
  })
  return consumerTag
}
