import type { Channel } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import { channelCalls, handler, openChannel, type Plan, seeTask } from '../../lab/student/handlers.ts'

/** What the lab can ask of lesson 08's exercise. */

export interface Policy {
  maxAttempts: number
  retryDelayMs: number
}

interface Exercise {
  declareWorkQueues(channel: Channel, queue: string, policy: Policy): Promise<void>
  consumeOrSetAside(
    channel: Channel,
    queue: string,
    handle: (task: string) => Promise<void>,
    policy: Policy,
  ): Promise<string>
}

// The exercise's own process tells the waits: no clock elsewhere knows when a handler was called, if that process was late.
const now = performance.now.bind(performance)

export default drive<Exercise>({
  exports: ['declareWorkQueues', 'consumeOrSetAside'],
  calls: {
    ...channelCalls,
    /** Declares, on a channel of its own, which is known by its queue's name. */
    async declare(exercise, { url, queue, policy }: { url: string; queue: string; policy: Policy }, line) {
      await exercise.declareWorkQueues(await openChannel(url, queue, line), queue, policy)
    },
    /** Consumes on the channel on which the queues were declared. */
    async consume(
      exercise,
      { url, queue, policy, plan }: { url: string; queue: string; policy: Policy; plan: Plan },
      line,
    ) {
      const handle = handler({ queue, plan }, line, (task) => ({ ...seeTask(task), atMs: Math.round(now()) }))
      await exercise.consumeOrSetAside(await openChannel(url, queue, line), queue, handle, policy)
    },
  },
})
