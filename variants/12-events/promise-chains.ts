import type { Channel, ConfirmChannel } from 'amqplib'

type EventHandler = (type: string, payload: unknown) => Promise<void>

export function publishEvent(channel: ConfirmChannel, exchange: string, type: string, payload: unknown): Promise<void> {
  return channel.assertExchange(exchange, 'topic', { durable: true }).then(
    () =>
      new Promise<void>((resolve, reject) => {
        channel.publish(exchange, type, Buffer.from(JSON.stringify(payload)), { persistent: true }, (error) =>
          error ? reject(error) : resolve(),
        )
      }),
  )
}

export function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  const queue = `events-of-${exchange}-for-${service}`
  return channel
    .assertExchange(exchange, 'topic', { durable: true })
    .then(() => channel.assertQueue(queue, { durable: true }))
    .then(() => channel.bindQueue(queue, exchange, pattern))
    .then(() =>
      channel.consume(queue, (message) => {
        if (!message) return
        const type = message.fields.routingKey
        Promise.resolve(message.content.toString())
          .then(JSON.parse)
          .then((payload) => handle(type, payload))
          .then(
            () => channel.ack(message),
            () => channel.nack(message),
          )
          .catch((error) => console.error(error))
      }),
    )
    .then(({ consumerTag }) => consumerTag)
}
