import type { ConfirmChannel } from 'amqplib'

/** One task is on its way at any time: a return and an ack can only be about that one. */
export function createPublisher(channel: ConfirmChannel) {
  let last: Promise<void> = Promise.resolve()
  let returned: Error | undefined
  channel.on('return', ({ fields }) => {
    returned = new Error(`No queue is called '${fields.routingKey}'.`)
  })

  async function publishNow(queue: string, task: string): Promise<void> {
    returned = undefined
    channel.sendToQueue(queue, Buffer.from(task), { persistent: true, mandatory: true })
    await channel.waitForConfirms()
    if (returned) throw returned
  }

  return {
    publish(queue: string, task: string): Promise<void> {
      const mine = last.then(() => publishNow(queue, task))
      last = mine.catch(() => {})
      return mine
    },
  }
}
