import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>
export interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

export async function declareWorkQueues(channel: Channel, queue: string, policy: FailurePolicy): Promise<void> {
  const deadExchange = `${queue}.dead-exchange`
  await channel.assertExchange(deadExchange, 'direct', { durable: true })
  await channel.assertQueue(`${queue}.dead`, { durable: true })
  await channel.bindQueue(`${queue}.dead`, deadExchange, 'dlx_key')
  await channel.assertQueue(queue, { durable: true, deadLetterExchange: deadExchange, deadLetterRoutingKey: 'dlx_key' })
  await channel.assertQueue(`${queue}.wait.${policy.retryDelayMs}`, {
    durable: true,
    deadLetterExchange: '',
    deadLetterRoutingKey: queue,
  })
}

export async function consumeOrSetAside(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  policy: FailurePolicy,
): Promise<string> {
  const processMsg = async (msg: ConsumeMessage) => handle(msg.content.toString())
  const retriesOf = (msg: ConsumeMessage): number => msg.properties.headers?.['retries-count'] ?? 0

  const { consumerTag } = await channel.consume(queue, (msg) => {
    if (!msg) return
    processMsg(msg)
      .then(() => channel.ack(msg))
      .catch((err) => {
        console.error(err)
        if (retriesOf(msg) + 1 >= policy.maxAttempts) return channel.nack(msg, false, false)
        channel.sendToQueue(`${queue}.wait.${policy.retryDelayMs}`, msg.content, {
          ...msg.properties,
          deliveryMode: 2,
          expiration: policy.retryDelayMs,
          headers: { ...msg.properties.headers, 'retries-count': retriesOf(msg) + 1 },
        })
        channel.ack(msg)
      })
      .catch((err) => console.error('channel closed', err.message))
  })
  return consumerTag
}
