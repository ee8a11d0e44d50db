// expectation: rejects pending calls when the connection is lost, and later ones too
// misconception: throws
// frame: told.threw

import { randomUUID } from 'node:crypto'
import type { ConfirmChannel } from 'amqplib'

export interface Publisher {
  publish(queue: string, task: string): Promise<void>
}

export function createPublisher(channel: ConfirmChannel): Publisher {
  const returned = new Set<string>()
  const waiting: Array<() => void> = []
  let inFlight = 0
  channel.on('return', (m) => returned.add(m.properties.messageId))
  const release = () => {
    inFlight--
    waiting.shift()?.()
  }

  function publish(queue: string, task: string): Promise<void> {
    if (inFlight >= 100) return new Promise<void>((resolve) => waiting.push(resolve)).then(() => publish(queue, task))
    inFlight++
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const messageId = randomUUID()
    try {
      channel.sendToQueue(queue, Buffer.from(task), { persistent: true, mandatory: true, messageId }, (error) => {
        if (error) reject(error)
        else if (returned.delete(messageId)) reject(new Error(`${queue} does not exist`))
        else resolve()
      })
    } catch (error) {
      release()
      throw error
    }
    promise.then(release, release)
    return promise
  }

  return { publish }
}
