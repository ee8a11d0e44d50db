import type { Channel, ConfirmChannel } from 'amqplib'

type EventHandler = (type: string, payload: unknown) => Promise<void>

const PAUSE_MS = 500

export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  await channel.assertExchange(exchange, 'topic', { durable: true })
  channel.publish(exchange, type, Buffer.from(JSON.stringify(payload)), { persistent: true })
  await channel.waitForConfirms()
}

/** An event that failed spends a while in a queue beside the service's own, and comes back with its routing key. */
export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  const queue = `${exchange}.${service}`
  const [pause, back] = [`${queue}.pause`, `${queue}.back`]
  await channel.assertExchange(exchange, 'topic', { durable: true })
  await channel.assertExchange(pause, 'fanout', { durable: true })
  await channel.assertExchange(back, 'fanout', { durable: true })
  await channel.assertQueue(pause, { durable: true, messageTtl: PAUSE_MS, deadLetterExchange: back })
  await channel.bindQueue(pause, pause, '')
  await channel.assertQueue(queue, { durable: true, deadLetterExchange: pause })
  await channel.bindQueue(queue, back, '')
  await channel.bindQueue(queue, exchange, pattern)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    void Promise.resolve()
      .then(() => handle(message.fields.routingKey, JSON.parse(message.content.toString())))
      .then(
        () => channel.ack(message),
        () => channel.nack(message, false, false),
      )
      .catch((error: Error) => console.error(`answered too late: ${error.message}`))
  })
  return consumerTag
}
