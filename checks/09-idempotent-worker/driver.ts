import type { Channel } from 'amqplib'
import { replaceClocks } from '../../lab/student/clocks.ts'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, consuming } from '../../lab/student/handlers.ts'
import { type DoneStore, storeAt } from './stored.ts'

/** What the lab can ask of lesson 09's exercise. */

interface Exercise {
  consumeOnce(
    channel: Channel,
    queue: string,
    handle: (task: string, id: string) => Promise<void>,
    done: DoneStore,
  ): Promise<string>
}

const clocks = replaceClocks()

export default drive<Exercise>({
  exports: ['consumeOnce'],
  calls: {
    ...channelCalls,
    /** From now on its clocks run fast. */
    hurry: () => clocks.hurry(),
    /** And from now on as they should. */
    calm: () => clocks.calm(),
    consume: consuming((exercise: Exercise, channel, handle, { queue }, line) =>
      exercise.consumeOnce(channel, queue, handle, storeAt(line)),
    ),
  },
})
