// expectation: lives on when its queue is deleted, and when its channel dies
// misconception: late-ack, It looks as if nobody expects that the channel is closed by the time the work is done: ack() and nack() throw then.
// frame: finding.unhandled-rejection
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
    if (message === null) return
    void work(channel, message, handle)
  })
  return consumerTag
}

async function work(channel: Channel, message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  try {
    await handle(message.content.toString('utf8'))
  } catch (error) {
    console.error('The task goes back to the queue:', error)
    channel.nack(message)
    return
  }
  channel.ack(message)
}
