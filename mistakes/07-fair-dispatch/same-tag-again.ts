// expectation: has a limit of its own beside another consumer on its channel
// misconception: same-tag-again, It looks as if the consumer tag is always the same: on one channel, no two consumers may have one name.
// frame: basic.consume
import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(
    queue,
    (message) => {
      if (message === null) return
      void work(channel, message, handle)
    },
    { consumerTag: 'worker' },
  )
  return consumerTag
}

async function work(channel: Channel, message: ConsumeMessage, handle: TaskHandler): Promise<void> {
  try {
    await handle(message.content.toString('utf8'))
  } catch (error) {
    console.error('The task goes back to the queue:', error)
    settle(() => channel.nack(message))
    return
  }
  settle(() => channel.ack(message))
}

function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}
