import { randomUUID } from 'node:crypto'
import type { ConfirmChannel } from 'amqplib'

export interface Publisher {
  publish(queue: string, task: string): Promise<void>
}

/**
 * Publishes tasks, no faster than the connection can take them. publish() resolves when the broker has accepted the
 * task. It rejects if the broker refuses the task, if no queue takes it, or if the channel is lost before the answer.
 */
export function createPublisher(channel: ConfirmChannel): Publisher {
  /** The IDs of tasks that came back. A return arrives before its ack, so publish() looks here after the ack. */
  const returned = new Set<string>()
  let hasRoom = true
  let room = Promise.withResolvers<void>()

  channel.on('return', (message) => returned.add(message.properties.messageId))
  channel.on('drain', goOn)
  // A closed channel never drains. The waiting calls have to carry on: sendToQueue() throws, so they reject.
  channel.on('close', goOn)

  function goOn(): void {
    hasRoom = true
    room.resolve()
    room = Promise.withResolvers()
  }

  /** Resolves on the broker's ack. Rejects on its nack, or when the channel closes. */
  function send(queue: string, task: string, messageId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = { persistent: true, mandatory: true, messageId }
      hasRoom = channel.sendToQueue(queue, Buffer.from(task), options, (error: Error | null) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  return {
    async publish(queue, task) {
      // Other calls are waiting too, and may use up the room before this one gets its turn.
      while (!hasRoom) await room.promise
      const id = randomUUID()
      await send(queue, task, id)
      if (returned.delete(id)) throw new Error(`No queue took the task: there is none called '${queue}'.`)
    },
  }
}
