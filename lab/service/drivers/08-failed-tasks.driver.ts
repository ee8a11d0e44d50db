import type { Channel } from 'amqplib'
import { drive } from '../../student/drive.ts'
import { type Settings, work, workerChannel } from './worker.ts'

interface FailurePolicy {
  maxAttempts: number
  retryDelayMs: number
}

interface Exercise {
  declareWorkQueues(channel: Channel, queue: string, policy: FailurePolicy): Promise<void>
  consumeOrSetAside(
    channel: Channel,
    queue: string,
    handle: (task: string) => Promise<void>,
    policy: FailurePolicy,
  ): Promise<string>
}

const POLICY: FailurePolicy = { maxAttempts: 3, retryDelayMs: 3000 }

/** Makes a service of lesson 08's functions, with tasks that fail when they are told to. */
export default drive<Exercise>({
  exports: ['declareWorkQueues', 'consumeOrSetAside'],
  calls: {
    async run(exercise, settings: Settings) {
      const { queue } = settings
      const channel = await workerChannel(settings)
      await exercise.declareWorkQueues(channel, queue, POLICY)
      const handle = async (task: string) => {
        await work(task, settings)
        if (!task.includes('!')) return
        console.log(` [!] Failed ${task}`)
        throw new Error('a task with a ! fails')
      }
      await exercise.consumeOrSetAside(channel, queue, handle, POLICY)
      console.log(" [*] Waiting for messages; a task with a '!' fails three times, 3 s apart")
    },
  },
})
