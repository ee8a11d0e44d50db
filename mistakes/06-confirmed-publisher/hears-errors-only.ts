// expectation: also rejects calls that still wait for room when the channel is lost
// misconception: hears-errors-only
// frame: told.outcomes

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { ConfirmChannel } from 'amqplib'

export interface Publisher {
  publish(queue: string, task: string): Promise<void>
}

/** Waits with once(), which rejects when the channel emits 'error'. */
export function createPublisher(channel: ConfirmChannel): Publisher {
  const returned = new Set<string>()
  let room: Promise<void> | undefined

  channel.on('return', (message) => returned.add(message.properties.messageId))

  function send(queue: string, task: string, messageId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = { persistent: true, mandatory: true, messageId }
      const hasRoom = channel.sendToQueue(queue, Buffer.from(task), options, (error: Error | null) => {
        if (error) reject(error)
        else resolve()
      })
      if (!hasRoom && !room) {
        room = once(channel, 'drain').then(() => {
          room = undefined
        })
      }
    })
  }

  return {
    async publish(queue, task) {
      if (room) await room
      const id = randomUUID()
      await send(queue, task, id)
      if (returned.delete(id)) throw new Error(`No queue took the task: there is none called '${queue}'.`)
    },
  }
}
