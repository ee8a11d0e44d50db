import type { Channel } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

const TRIES = 2

/** Tries a failed task once more itself before it gives it back. */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  async function succeeds(task: string): Promise<boolean> {
    for (let tried = 0; tried < TRIES; tried++) {
      try {
        await handle(task)
        return true
      } catch (error) {
        console.error(`${task}: ${String(error)}`)
      }
    }
    return false
  }
  const reply = await channel.consume(queue, function onDelivery(message) {
    if (message === null) return
    const task = message.content.toString('utf8')
    succeeds(task)
      .then((done) => (done ? channel.ack(message) : channel.nack(message, false, true)))
      .catch((error: unknown) => console.error(`${task} comes again: ${String(error)}`))
  })
  return reply.consumerTag
}
