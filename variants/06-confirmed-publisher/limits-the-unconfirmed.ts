import { randomUUID } from 'node:crypto'
import type { ConfirmChannel } from 'amqplib'

const MOST_UNCONFIRMED = 1000

/** Never looks at what sendToQueue() returns: no more than a thousand tasks are without an answer at any time. */
export function createPublisher(channel: ConfirmChannel) {
  let unconfirmed = 0
  const queued: Array<() => void> = []
  const returns = new Map<string, (error: Error) => void>()

  channel.on('return', ({ properties, fields }) => {
    returns.get(properties.correlationId)?.(new Error(`It came back from '${fields.routingKey}'.`))
  })

  const enter = async () => {
    if (unconfirmed >= MOST_UNCONFIRMED) await new Promise<void>((resolve) => queued.push(resolve))
    else unconfirmed++
  }
  // A place is handed on from one to the next.
  const leave = () => {
    const next = queued.shift()
    if (next) next()
    else unconfirmed--
  }

  return {
    async publish(queue: string, task: string): Promise<void> {
      await enter()
      const correlationId = randomUUID()
      try {
        await new Promise<void>((resolve, reject) => {
          returns.set(correlationId, reject)
          const options = { persistent: true, mandatory: true, correlationId }
          channel.sendToQueue(queue, Buffer.from(task), options, (error) => (error ? reject(error) : resolve()))
        })
      } finally {
        returns.delete(correlationId)
        leave()
      }
    },
  }
}
