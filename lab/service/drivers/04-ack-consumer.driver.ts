import type { Channel } from 'amqplib'
import { drive } from '../../student/drive.ts'
import { type Settings, work, workerChannel } from './worker.ts'

interface Exercise {
  consumeTasks(channel: Channel, queue: string, handle: (task: string) => Promise<void>): Promise<string>
}

/** Makes a service of lesson 04's function, with one task in hand at a time. */
export default drive<Exercise>({
  exports: ['consumeTasks'],
  calls: {
    async run(exercise, settings: Settings) {
      const channel = await workerChannel(settings)
      await channel.assertQueue(settings.queue, { durable: true })
      await channel.prefetch(1)
      await exercise.consumeTasks(channel, settings.queue, (task) => work(task, settings))
      console.log(' [*] Waiting for messages')
    },
  },
})
