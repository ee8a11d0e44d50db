import type { Channel } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** One task at a time; after a failure the broker is asked to deliver again what is not acknowledged. */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  await channel.prefetch(1)
  const consuming = await channel.consume(queue, (message) => {
    if (!message) return
    const work = async () => handle(message.content.toString())
    work()
      .then(
        () => channel.ackAll(),
        () => channel.recover(),
      )
      .catch((error: unknown) => console.error(String(error)))
  })
  return consuming.consumerTag
}
