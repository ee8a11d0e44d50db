import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** Promise chains; a failed task is rejected with requeue. */
export function consumeFairly(channel: Channel, queue: string, handle: TaskHandler, prefetch: number): Promise<string> {
  let open = true
  channel.once('close', () => {
    open = false
  })
  const onMessage = (message: ConsumeMessage | null) => {
    if (!message) return
    Promise.resolve(message.content.toString())
      .then(handle)
      .then(
        () => open && channel.ack(message),
        () => open && channel.reject(message, true),
      )
      .catch((error: Error) => console.error(error.message))
  }
  return channel
    .prefetch(prefetch)
    .then(() => channel.consume(queue, onMessage, { noAck: false }))
    .then((ok) => ok.consumerTag)
}
