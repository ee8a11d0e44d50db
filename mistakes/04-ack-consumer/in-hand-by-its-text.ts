// expectation: acknowledges a task when its work is done, not before
// misconception: known-by-its-text

import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** What is in hand is known by its text: of two equal tasks only the later one is. */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  const inHand = new Map<string, ConsumeMessage>()
  const answer = (task: string, how: 'ack' | 'nack') => {
    const message = inHand.get(task)
    inHand.delete(task)
    if (message) channel[how](message)
  }
  const work = async (task: string) => {
    try {
      await handle(task)
    } catch (error) {
      console.error(error)
      return answer(task, 'nack')
    }
    answer(task, 'ack')
  }
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (!message) return
    const task = message.content.toString()
    inHand.set(task, message)
    work(task).catch((error: Error) => console.error(error.message))
  })
  return consumerTag
}
