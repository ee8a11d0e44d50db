import type { Channel } from 'amqplib'
import { replaceClocks } from '../../lab/student/clocks.ts'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, consuming } from '../../lab/student/handlers.ts'
import { countTimers } from '../../lab/student/timers.ts'
import { FAST } from '../shared/fast-clocks.ts'

/** What the lab can ask of lesson 04's exercise. */

interface Exercise {
  consumeTasks(channel: Channel, queue: string, handle: (task: string) => Promise<void>): Promise<string>
}

let timers: ReturnType<typeof countTimers> | undefined

const clocks = replaceClocks(FAST)

export default drive<Exercise>({
  exports: ['consumeTasks'],
  calls: {
    ...channelCalls,
    /** From now on its clocks run fast. */
    hurry: () => clocks.hurry(),
    consume: consuming((exercise: Exercise, channel, handle, { queue }) => {
      timers ??= countTimers()
      return exercise.consumeTasks(channel, queue, handle)
    }),
    /** How many timers the process has that were not there before the exercise. */
    timers: () => timers?.(),
  },
})
