import type { Channel } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, type HandlerOptions, handler, openChannel, startConsumer } from '../../lab/student/handlers.ts'

/** What the lab can ask of lesson 07's exercise. */

interface Exercise {
  consumeFairly(
    channel: Channel,
    queue: string,
    handle: (task: string) => Promise<void>,
    prefetch: number,
  ): Promise<string>
}

interface ConsumeArgs extends HandlerOptions {
  url: string
  /** Calls with the same name share a channel. */
  channel: string
  queue: string
  prefetch: number
}

export default drive<Exercise>({
  exports: ['consumeFairly'],
  calls: {
    ...channelCalls,
    async consume(exercise, { url, channel: name, queue, prefetch, ...options }: ConsumeArgs, line) {
      const channel = await openChannel(url, name, line)
      const handle = handler({ queue, ...options }, line)
      return startConsumer(line, name, () => exercise.consumeFairly(channel, queue, handle, prefetch))
    },
  },
})
