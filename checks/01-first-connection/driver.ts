import type { ChannelModel } from 'amqplib'
import { drive, errorsSeen } from '../../lab/student/drive.ts'
import { countTimers } from '../../lab/student/timers.ts'

/** What the lab can ask of lesson 01's exercise. */

interface Exercise {
  openConnection(url: string, name: string): Promise<ChannelModel>
}

/** What the exercise returned, by the name that it was given. */
const returned = new Map<string, ChannelModel>()
let timers: ReturnType<typeof countTimers> | undefined

export default drive<Exercise>({
  exports: ['openConnection'],
  calls: {
    async open(exercise, { url, name }: { url: string; name: string }, line) {
      timers ??= countTimers()
      try {
        const connection = await exercise.openConnection(url, name)
        returned.set(name, connection)
        return { is: kindOf(connection), channels: typeof connection?.createChannel === 'function' }
      } catch (error) {
        line.tell('rejected', { name, errors: errorsSeen(error) })
        throw error
      }
    },
    /** Makes a channel on what the exercise returned, and does something on it. */
    async use(_, { name }: { name: string }) {
      const channel = await connectionOf(name).createChannel()
      const { queue } = await channel.assertQueue('', { exclusive: true })
      return { queue }
    },
    async close(_, { name }: { name: string }) {
      await connectionOf(name).close()
    },
    /** How many timers the process waits for: whoever has set one may want to connect later. */
    timers: () => timers?.(),
  },
})

function connectionOf(name: string): ChannelModel {
  return returned.get(name) as ChannelModel
}

/** 'ChannelModel', 'Channel', 'undefined', ... */
function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : typeof value
}
