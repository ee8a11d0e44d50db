// expectation: works on `prefetch` tasks at once if there are that many
// misconception: one-at-a-time
// frame: awaited.in-vain

import type { Channel } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** A chain of promises: each task waits for the one before. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  await channel.prefetch(prefetch)
  let last = Promise.resolve()
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    last = last
      .then(() => handle(message.content.toString('utf8')))
      .then(
        () => channel.ack(message),
        () => channel.nack(message),
      )
      .catch((error: Error) => console.error(error.message))
  })
  return consumerTag
}
