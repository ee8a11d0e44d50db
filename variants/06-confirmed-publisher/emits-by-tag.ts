import type { ConfirmChannel } from 'amqplib'

interface Waiter {
  id: string
  done: (error?: Error) => void
}

/** Reads acks and nacks itself, by delivery tag, and counts the bytes that have no answer yet. */
export function createPublisher(channel: ConfirmChannel) {
  const MOST_BYTES = 1_000_000
  const byTag = new Map<number, Waiter>()
  const returned = new Set<string>()
  let tag = 0
  let bytes = 0
  let closed = false
  let wake: (() => void)[] = []

  const settle = (upTo: { deliveryTag: number; multiple: boolean }, error?: Error) => {
    const tags = upTo.multiple ? [...byTag.keys()].filter((each) => each <= upTo.deliveryTag) : [upTo.deliveryTag]
    for (const each of tags) {
      const waiter = byTag.get(each)
      byTag.delete(each)
      waiter?.done(error ?? (returned.delete(waiter.id) ? new Error('It came back.') : undefined))
    }
  }
  const wakeAll = () => {
    const sleeping = wake
    wake = []
    for (const each of sleeping) each()
  }
  // Not in amqplib's types: it tells of each frame by the name of its method.
  channel.on('ack', (fields) => settle(fields))
  channel.on('nack', (fields) => settle(fields, new Error('The broker has refused it.')))
  channel.on('return', ({ properties }) => returned.add(properties.messageId))
  channel.on('close', () => {
    closed = true
    for (const { done } of byTag.values()) done(new Error('The channel was lost.'))
    byTag.clear()
    wakeAll()
  })

  return {
    async publish(queue: string, task: string): Promise<void> {
      while (bytes >= MOST_BYTES && !closed) await new Promise<void>((resolve) => wake.push(resolve))
      if (closed) throw new Error('The channel is closed.')
      const content = Buffer.from(task)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const mine = tag + 1
      channel.publish('', queue, content, { persistent: true, mandatory: true, messageId: String(mine) })
      tag = mine
      bytes += content.length
      const done = (error?: Error) => {
        bytes -= content.length
        wakeAll()
        if (error) reject(error)
        else resolve()
      }
      byTag.set(mine, { id: String(mine), done })
      return promise
    },
  }
}
