import { type Channel, type ChannelModel, connect } from 'amqplib'
import { drive, errorsSeen } from '../../lab/student/drive.ts'

/** What the lab can ask of lesson 03's exercise. */

interface Exercise {
  declareTaskQueue(channel: Channel, queue: string): Promise<unknown>
}

let connection: ChannelModel | undefined
const channels = new Map<string, Promise<Channel>>()

/** The channel of this name. The lab is the caller here, so it listens for the channel's errors. */
function channelOf(name: string): Promise<Channel> {
  const open = async () => {
    if (!connection) throw new Error('There is no connection yet.')
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    return channel
  }
  const channel = channels.get(name) ?? open()
  channels.set(name, channel)
  return channel
}

export default drive<Exercise>({
  exports: ['declareTaskQueue'],
  calls: {
    async connect(_exercise, { url }: { url: string }) {
      connection = await connect(url, { noDelay: true })
      connection.on('error', () => {})
    },
    /** Calls the exercise on the channel of that name. */
    async declare(exercise, { queue, channel }: { queue: string; channel: string }, line) {
      const given = await channelOf(channel)
      try {
        return returned(await exercise.declareTaskQueue(given, queue))
      } catch (error) {
        line.tell('rejected', { errors: errorsSeen(error) })
        throw error
      }
    },
    /** Asks on a channel of the lab's own what is in the queue. */
    async look(_exercise, { queue }: { queue: string }) {
      await (await channelOf('look')).checkQueue(queue)
    },
    /** Takes one task and works on it for ever. */
    async work(_exercise, { queue }: { queue: string }) {
      const channel = await channelOf('work')
      await channel.prefetch(1)
      await channel.consume(queue, () => {})
    },
    /** A worker comes, and goes. */
    async visit(_exercise, { queue }: { queue: string }) {
      const channel = await channelOf('visit')
      const { consumerTag } = await channel.consume(queue, () => {})
      await channel.cancel(consumerTag)
    },
    async close() {
      await connection?.close()
    },
  },
})

/** What came back, as plain data. */
function returned(reply: unknown) {
  if (typeof reply !== 'object' || reply === null) return { what: String(reply).slice(0, 200) }
  const { queue, messageCount, consumerCount } = reply as Record<string, unknown>
  return { reply: { queue: plain(queue), messageCount: plain(messageCount), consumerCount: plain(consumerCount) } }
}

function plain(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' || value === undefined ? value : typeof value
}
