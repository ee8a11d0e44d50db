import { once } from 'node:events'
import type { ConfirmChannel } from 'amqplib'

export type Publisher = { publish(queue: string, task: string): Promise<void> }

/** A chain in which each call waits for the room that the one before has left; the ids count up. */
export function createPublisher(channel: ConfirmChannel): Publisher {
  const lost = new AbortController()
  const cameBack: Record<string, true> = {}
  let room: Promise<unknown> = Promise.resolve()
  let count = 0
  channel.on('close', () => lost.abort(new Error('The channel is closed.')))
  channel.on('return', (message) => {
    cameBack[message.properties.messageId] = true
  })

  return {
    publish: (queue, task) => {
      const id = `task-${++count}`
      const sent = room.then(() => {
        const confirmed = Promise.withResolvers<void>()
        const answer = (error: Error | null) => (error ? confirmed.reject(error) : confirmed.resolve())
        const options = { persistent: true, mandatory: true, messageId: id }
        const isFree = channel.sendToQueue(queue, Buffer.from(task, 'utf8'), options, answer)
        return { isFree, confirmed: confirmed.promise }
      })
      room = sent.then(
        ({ isFree }) => (isFree ? undefined : once(channel, 'drain', { signal: lost.signal }).catch(() => {})),
        () => {},
      )
      return sent
        .then(({ confirmed }) => confirmed)
        .then(() => {
          if (id in cameBack) throw new Error(`Unroutable: ${queue}`)
        })
        .finally(() => delete cameBack[id])
    },
  }
}
