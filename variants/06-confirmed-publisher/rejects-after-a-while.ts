import { randomUUID } from 'node:crypto'
import type { ConfirmChannel } from 'amqplib'

/** Half a minute without a confirm is a failure, too: the caller decides what to do about a task that may have arrived. */
const CONFIRM_TIMEOUT_MS = 30_000

interface Pending {
  resolve: () => void
  reject: (error: Error) => void
}

export function createPublisher(channel: ConfirmChannel) {
  const pending = new Map<string, Pending>()
  const waiting: (() => void)[] = []
  let blocked = false

  const release = () => {
    blocked = false
    for (const go of waiting.splice(0)) go()
  }
  channel.on('drain', release)
  channel.on('close', release)
  channel.on('return', ({ properties }) => {
    pending.get(properties.messageId)?.reject(new Error('unroutable'))
  })

  async function publish(queue: string, task: string): Promise<void> {
    while (blocked) await new Promise<void>((resolve) => waiting.push(resolve))
    const messageId = randomUUID()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    pending.set(messageId, { resolve, reject })
    const timer = setTimeout(() => reject(new Error('the broker did not answer in time')), CONFIRM_TIMEOUT_MS)
    try {
      const options = { persistent: true, mandatory: true, messageId }
      blocked = !channel.sendToQueue(queue, Buffer.from(task, 'utf8'), options, (error) => {
        if (error) reject(error instanceof Error ? error : new Error(String(error)))
        else resolve()
      })
      await promise
    } finally {
      clearTimeout(timer)
      pending.delete(messageId)
    }
  }

  return { publish }
}
