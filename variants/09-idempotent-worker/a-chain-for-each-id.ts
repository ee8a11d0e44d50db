import type { Channel, ConsumeMessage } from 'amqplib'

/** The ids of tasks whose work is done. It outlives the process. */
export interface DoneStore {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
}

/** Copies wait for each other: each id has a chain of its own, and the second asks the store when the first is over. */
export async function consumeOnce(
  channel: Channel,
  queue: string,
  handle: (task: string, id: string) => Promise<void>,
  done: DoneStore,
): Promise<string> {
  const chains = new Map<string, Promise<void>>()

  async function work(task: string, id: string): Promise<void> {
    if (await done.has(id)) return
    await handle(task, id)
    await done.add(id)
  }

  async function inLine(message: ConsumeMessage): Promise<void> {
    const task = new TextDecoder().decode(message.content)
    const { messageId } = message.properties as { messageId?: string }
    if (!messageId) return handle(task, '')
    const before = chains.get(messageId) ?? Promise.resolve()
    const mine = before.catch(() => {}).then(() => work(task, messageId))
    chains.set(messageId, mine)
    try {
      await mine
    } finally {
      if (chains.get(messageId) === mine) chains.delete(messageId)
    }
  }

  const reply = await channel.consume(queue, (message) => {
    if (message === null) return
    inLine(message)
      .then(
        () => channel.ack(message),
        () => channel.reject(message, true),
      )
      .catch((error: unknown) => console.error(String(error)))
  })
  return reply.consumerTag
}
