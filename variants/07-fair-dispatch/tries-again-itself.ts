import type { Channel, ConsumeMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

const TRIES = 2

/** Workers that wait for tasks: as many as the limit allows. A failed task is tried once more before it goes back. */
export async function consumeFairly(
  channel: Channel,
  queue: string,
  handle: TaskHandler,
  prefetch: number,
): Promise<string> {
  const idle: ((message: ConsumeMessage) => void)[] = []
  const waiting: ConsumeMessage[] = []
  const next = () => {
    const message = waiting.shift()
    return message ? Promise.resolve(message) : new Promise<ConsumeMessage>((resolve) => idle.push(resolve))
  }

  async function succeeds(task: string): Promise<boolean> {
    for (let tried = 0; tried < TRIES; tried++) {
      try {
        await handle(task)
        return true
      } catch (error) {
        console.error(`${task}: ${String(error)}`)
      }
    }
    return false
  }

  async function worker(): Promise<never> {
    for (;;) {
      const message = await next()
      const done = await succeeds(message.content.toString('utf8'))
      try {
        if (done) channel.ack(message)
        else channel.nack(message)
      } catch (error) {
        console.error('comes again:', String(error))
      }
    }
  }

  for (let place = 0; place < prefetch; place++) void worker()
  await channel.prefetch(prefetch)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    const free = idle.shift()
    if (free) free(message)
    else waiting.push(message)
  })
  return consumerTag
}
