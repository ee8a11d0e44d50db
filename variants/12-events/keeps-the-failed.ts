import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'

type EventHandler = (type: string, payload: unknown) => Promise<void>

/** An exchange is declared once for each channel: it is durable, so it will be there. */
const declared = new WeakMap<Channel, Map<string, Promise<unknown>>>()

function declareExchange(channel: Channel, exchange: string): Promise<unknown> {
  const known = declared.get(channel) ?? new Map<string, Promise<unknown>>()
  declared.set(channel, known)
  const declaring = known.get(exchange) ?? channel.assertExchange(exchange, 'topic', { durable: true })
  known.set(exchange, declaring)
  return declaring
}

export async function publishEvent(
  channel: ConfirmChannel,
  exchange: string,
  type: string,
  payload: unknown,
): Promise<void> {
  await declareExchange(channel, exchange)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const content = Buffer.from(JSON.stringify(payload))
  channel.publish(exchange, type, content, { persistent: true }, (error) => (error ? reject(error) : resolve()))
  return promise
}

/** What failed stays unacknowledged: it comes again when the channel is closed. */
export async function subscribe(
  channel: Channel,
  exchange: string,
  service: string,
  pattern: string,
  handle: EventHandler,
): Promise<string> {
  await declareExchange(channel, exchange)
  const { queue } = await channel.assertQueue(`${service}@${exchange}`, { durable: true })
  await channel.bindQueue(queue, exchange, pattern)
  async function work(message: ConsumeMessage): Promise<void> {
    try {
      await handle(message.fields.routingKey, JSON.parse(String(message.content)))
      channel.ack(message)
    } catch (error) {
      console.error(`${message.fields.routingKey} stays for now:`, error)
    }
  }
  const { consumerTag } = await channel.consume(queue, (message) => void (message && work(message)), {
    consumerTag: `${service}-${process.pid}-${Math.random()}`,
  })
  return consumerTag
}
