import type { Channel } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, consuming } from '../../lab/student/handlers.ts'
import { countTimers } from '../../lab/student/timers.ts'

/** What the lab can ask of lesson 04's exercise. */

interface Exercise {
  consumeTasks(channel: Channel, queue: string, handle: (task: string) => Promise<void>): Promise<string>
}

let timers: ReturnType<typeof countTimers> | undefined

export default drive<Exercise>({
  exports: ['consumeTasks'],
  calls: {
    ...channelCalls,
    consume: consuming((exercise: Exercise, channel, handle, { queue }) => {
      timers ??= countTimers()
      return exercise.consumeTasks(channel, queue, handle)
    }),
    /** How many timers the process has that were not there before the exercise. */
    timers: () => timers?.(),
  },
})
