import type { Channel } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, type HandlerOptions, handler, openChannel, startConsumer } from '../../lab/student/handlers.ts'

/** What the lab can ask of lesson 04's exercise. */

interface Exercise {
  consumeTasks(channel: Channel, queue: string, handle: (task: string) => Promise<void>): Promise<string>
}

interface ConsumeArgs extends HandlerOptions {
  url: string
  /** By which name the lab knows the channel. */
  channel: string
  queue: string
}

let timersBefore = 0

export default drive<Exercise>({
  exports: ['consumeTasks'],
  calls: {
    ...channelCalls,
    async consume(exercise, { url, channel: name, queue, ...options }: ConsumeArgs, line) {
      const channel = await openChannel(url, name, line)
      timersBefore = timers()
      const handle = handler({ queue, ...options }, line)
      return startConsumer(line, name, () => exercise.consumeTasks(channel, queue, handle))
    },
    /** How many timers the process waits for that were not there before the exercise. */
    timers: () => timers() - timersBefore,
  },
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}
