import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** A queue of its own in the process: the broker sends what it has, and the tasks are worked on one by one. */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  const waiting: ConsumeMessage[] = []
  let working = false

  async function workOff(): Promise<void> {
    if (working) return
    working = true
    for (let message = waiting.shift(); message; message = waiting.shift()) {
      try {
        await handle(new TextDecoder().decode(message.content))
        channel.ack(message)
      } catch (error) {
        // The handler failed, or the channel is closed; in both cases the task comes again when the channel ends.
        console.warn('left to the broker:', (error as Error).message)
      }
    }
    working = false
  }

  const reply = await channel.consume(queue, (message) => {
    if (message) waiting.push(message)
    void workOff()
  })
  return reply.consumerTag
}
