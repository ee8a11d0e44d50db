// expectation: goes on with the other tasks when a handler fails
// misconception: blocks-the-line

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** One task at a time, in a loop. */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  const waiting: ConsumeMessage[] = []
  let wake = () => {}
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message) waiting.push(message)
    wake()
  })
  const loop = async () => {
    for (;;) {
      const message = waiting.shift()
      if (message) {
        await handle(message.content.toString())
        channel.ack(message)
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }
  loop().catch((error: unknown) => console.error(`The loop has ended: ${String(error)}`))
  return consumerTag
}
