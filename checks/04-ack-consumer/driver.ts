import type { Channel } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, consuming } from '../../lab/student/handlers.ts'

/** What the lab can ask of lesson 04's exercise. */

interface Exercise {
  consumeTasks(channel: Channel, queue: string, handle: (task: string) => Promise<void>): Promise<string>
}

let timersBefore = 0

export default drive<Exercise>({
  exports: ['consumeTasks'],
  calls: {
    ...channelCalls,
    consume: consuming((exercise: Exercise, channel, handle, { queue }) => {
      timersBefore = timers()
      return exercise.consumeTasks(channel, queue, handle)
    }),
    /** How many timers the process waits for that were not there before the exercise. */
    timers: () => timers() - timersBefore,
  },
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}
