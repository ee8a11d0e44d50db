// expectation: rejects with the broker's error when the queue there has other properties
// misconception: takes-any-queue
// frame: queue.declare

import type { Channel, Replies } from 'amqplib'

type Openable = Channel & { open(): Promise<unknown> }

/** Declares the queue if there is none. */
export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  // A look for a queue that is not there closes the channel: look on another one.
  const Second = channel.constructor as new (connection: unknown) => Openable
  const second = new Second(channel.connection)
  second.on('error', () => {})
  await second.open()
  const found = await second.checkQueue(queue).catch(() => undefined)
  if (found === undefined) return channel.assertQueue(queue, { durable: true })
  await second.close()
  return found
}
