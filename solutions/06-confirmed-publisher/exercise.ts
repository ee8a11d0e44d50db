import { randomUUID } from 'node:crypto'
import type { ConfirmChannel } from 'amqplib'

export interface Publisher {
  /** Resolves when the broker has taken responsibility for the task; rejects when it has not, or may not have. */
  publish(queue: string, task: string): Promise<void>
}

/** Publishes tasks on a channel with confirms, no faster than the connection takes them. */
export function createPublisher(channel: ConfirmChannel): Publisher {
  /** Ids of tasks that came back. The ack comes behind, and finds its id here. */
  const returned = new Set<string>()
  /** What waits for room, in order. A task that waits is not encoded yet: it costs nothing. */
  const waiting: (() => void)[] = []
  let hasRoom = true

  channel.on('return', (message) => returned.add(message.properties.messageId))
  channel.on('drain', sendWaiting)
  // On a closed channel nothing drains any more: each one that waits finds that out by itself.
  channel.on('close', sendWaiting)

  function sendWaiting(): void {
    hasRoom = true
    while (hasRoom) {
      const send = waiting.shift()
      if (send === undefined) return
      send()
    }
  }

  return {
    publish(queue, task) {
      return new Promise((resolve, reject) => {
        const id = randomUUID()
        const send = () => {
          try {
            const options = { persistent: true, mandatory: true, messageId: id }
            hasRoom = channel.sendToQueue(queue, Buffer.from(task), options, (error: Error | null) => {
              const isReturned = returned.delete(id)
              if (error) reject(error)
              else if (isReturned) reject(new Error(`No queue took the task: there is none called '${queue}'.`))
              else resolve()
            })
          } catch (error) {
            reject(error)
          }
        }
        if (hasRoom) send()
        else waiting.push(send)
      })
    },
  }
}
