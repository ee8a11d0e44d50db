import type { Channel } from 'amqplib'
import { replaceClocks } from '../../lab/student/clocks.ts'
import { drive } from '../../lab/student/drive.ts'
import { type ConsumeArgs, channelCalls, consuming } from '../../lab/student/handlers.ts'
import { FAST } from '../shared/fast-clocks.ts'

/** What the lab can ask of lesson 07's exercise. */

interface Exercise {
  consumeFairly(
    channel: Channel,
    queue: string,
    handle: (task: string) => Promise<void>,
    prefetch: number,
  ): Promise<string>
}

const clocks = replaceClocks(FAST)

export default drive<Exercise>({
  exports: ['consumeFairly'],
  calls: {
    ...channelCalls,
    /** From now on its clocks run fast. */
    hurry: () => clocks.hurry(),
    consume: consuming((exercise: Exercise, channel, handle, args: ConsumeArgs & { prefetch: number }) =>
      exercise.consumeFairly(channel, args.queue, handle, args.prefetch),
    ),
  },
})
