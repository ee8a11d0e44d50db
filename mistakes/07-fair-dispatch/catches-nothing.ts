// expectation: goes on with the other tasks when a handler fails
// misconception: failure-not-caught, It looks as if the handler's error is caught nowhere: Node ends the process when a promise is rejected and nobody handles it.
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
  await handle(message.content.toString('utf8'))
  settle(() => channel.ack(message))
}

function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}
