import type { Channel } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, type HandlerOptions, handler, openChannel, startConsumer } from '../../lab/student/handlers.ts'
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

interface ConsumeArgs extends HandlerOptions {
  url: string
  channel: string
  queue: string
}

export default drive<Exercise>({
  exports: ['consumeOnce'],
  calls: {
    ...channelCalls,
    async consume(exercise, { url, channel: name, queue, ...options }: ConsumeArgs, line) {
      const channel = await openChannel(url, name, line)
      const handle = handler({ queue, ...options }, line)
      return startConsumer(line, name, () => exercise.consumeOnce(channel, queue, handle, storeAt(line)))
    },
  },
})
