// expectation: resolves when the broker's ack is there, not before
// misconception: does-not-wait
// frame: told.settled

import { once } from 'node:events'
import type { ConfirmChannel } from 'amqplib'

/** Takes the room in the buffer for the broker's answer. */
export function createPublisher(channel: ConfirmChannel) {
  return {
    async publish(queue: string, task: string): Promise<void> {
      const isTaken = channel.sendToQueue(queue, Buffer.from(task), { persistent: true, mandatory: true })
      if (!isTaken) await once(channel, 'drain')
    },
  }
}
