import { randomUUID } from 'node:crypto'
import type { ConfirmChannel } from 'amqplib'

export interface Publisher {
  publish(queue: string, task: string): Promise<void>
}

/** Turns each task into bytes at once, and hands them to the channel when there is room. */
export function createPublisher(channel: ConfirmChannel): Publisher {
  /** The ids of tasks that came back. The ack of each comes behind it, and looks here. */
  const returned = new Set<string>()
  let hasRoom = true
  let room = Promise.withResolvers<void>()

  channel.on('return', (message) => returned.add(message.properties.messageId))
  channel.on('drain', goOn)
  // A closed channel never drains. Whoever waits goes on, and is told by sendToQueue() what has happened.
  channel.on('close', goOn)

  function goOn(): void {
    hasRoom = true
    room.resolve()
    room = Promise.withResolvers()
  }

  /** Resolves with the broker's ack, rejects with its nack or with the end of the channel. */
  function send(queue: string, bytes: Buffer, messageId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = { persistent: true, mandatory: true, messageId }
      hasRoom = channel.sendToQueue(queue, bytes, options, (error: Error | null) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  return {
    async publish(queue, task) {
      const bytes = Buffer.from(task)
      // Others wait, too: when there is room again, it may be gone before this one's turn comes.
      while (!hasRoom) await room.promise
      const id = randomUUID()
      await send(queue, bytes, id)
      if (returned.delete(id)) throw new Error(`No queue took the task: there is none called '${queue}'.`)
    },
  }
}
