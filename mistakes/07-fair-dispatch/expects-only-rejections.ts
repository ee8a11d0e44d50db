// expectation: goes on with the other tasks when a handler fails
// misconception: throw-not-caught
// frame: channel.close

import type { Channel } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** All in one file: the consumer of lesson 04 is written out again, behind a limit. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    handle(message.content.toString('utf8')).then(
      () => settle(() => channel.ack(message)),
      () => settle(() => channel.nack(message)),
    )
  })
  return consumerTag
}

function settle(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    console.error(`The task will come again: ${(error as Error).message}`)
  }
}
