// expectation: resolves with the consumer tag from the broker
// misconception: fetches

import type { Channel, GetMessage } from 'amqplib'

export type TaskHandler = (task: string) => Promise<void>

/** Asks for the next task ten times a second. */
export async function consumeTasks(channel: Channel, queue: string, handle: TaskHandler): Promise<string> {
  let isBusy = false
  const timer = setInterval(async () => {
    if (isBusy) return
    isBusy = true
    try {
      const message = await channel.get(queue)
      if (message) await work(channel, message, handle)
    } catch {
      clearInterval(timer)
    }
    isBusy = false
  }, 100)
  return `poller-${queue}`
}

async function work(channel: Channel, message: GetMessage, handle: TaskHandler): Promise<void> {
  let failed = false
  try {
    await handle(message.content.toString())
  } catch (error) {
    console.error(error)
    failed = true
  }
  try {
    if (failed) channel.nack(message)
    else channel.ack(message)
  } catch (error) {
    console.error(`It comes again: ${String(error)}`)
  }
}
