import type { Channel } from 'amqplib'
import { drive } from '../../student/drive.ts'
import { type Settings, work, workerChannel } from './worker.ts'

interface Exercise {
  consumeFairly(
    channel: Channel,
    queue: string,
    handle: (task: string) => Promise<void>,
    prefetch: number,
  ): Promise<string>
}

/** So that of five tasks two can be seen to wait. */
const PREFETCH = 3

/** Makes a service of lesson 07's function. */
export default drive<Exercise>({
  exports: ['consumeFairly'],
  calls: {
    async run(exercise, settings: Settings) {
      const channel = await workerChannel(settings)
      await channel.assertQueue(settings.queue, { durable: true })
      await exercise.consumeFairly(channel, settings.queue, (task) => work(task, settings), PREFETCH)
      console.log(` [*] Waiting for messages, at most ${PREFETCH} at once`)
    },
  },
})
