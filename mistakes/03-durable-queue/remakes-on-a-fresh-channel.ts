// expectation: leaves the tasks in an existing queue
// misconception: starts-afresh
// frame: queue.delete

import type { Channel, Replies } from 'amqplib'

type Openable = Channel & { open(): Promise<unknown> }

/** Declares the queue; one with other options is replaced. */
export async function declareTaskQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  try {
    return await channel.assertQueue(queue, { durable: true })
  } catch {
    // The channel is closed now: another one on the same connection.
    const Fresh = channel.constructor as new (connection: unknown) => Openable
    const fresh = new Fresh(channel.connection)
    await fresh.open()
    await fresh.deleteQueue(queue)
    const reply = await fresh.assertQueue(queue, { durable: true })
    await fresh.close()
    return reply
  }
}
