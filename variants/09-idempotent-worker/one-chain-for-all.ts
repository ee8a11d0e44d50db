import type { Channel, ConsumeMessage } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

/** All that comes goes into one chain of promises; what failed stays unacknowledged until the channel closes. */
export function consumeOnce(
  channel: Channel,
  queue: string,
  handle: (task: string, id: string) => Promise<void>,
  done: DoneStore,
): Promise<string> {
  let last: Promise<unknown> = Promise.resolve()

  function work({ content, properties }: ConsumeMessage): Promise<void> {
    const id: string = properties.messageId ?? ''
    if (id === '') return Promise.resolve(handle(content.toString(), id))
    return done.has(id).then((known) => {
      if (known) return
      return handle(content.toString(), id).then(() => done.add(id))
    })
  }

  return channel
    .consume(queue, (message) => {
      if (message === null) return
      last = last
        .then(() => work(message))
        .then(() => channel.ack(message))
        .catch((error: Error) => console.error('comes again:', error.message))
    })
    .then(({ consumerTag }) => consumerTag)
}
