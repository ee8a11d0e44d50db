import { type Channel, connect } from 'amqplib'
import { drive, type Line } from '../../lab/student/drive.ts'
import { failure, textOf } from '../shared/handlers.ts'

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

/** What a handler does: succeed, reject or throw by itself, or never end. */
export type Deed = 'resolve' | 'reject' | 'throw' | 'hold'

/** By task: what to do with it the first time, the second time, ... What is not planned is held, which ends any loop. */
export type Plan = Record<string, Deed[]>

export const FAILURE = 'The lab made this task fail.'

const channels = new Map<string, Channel>()
let calls = 0
// The exercise's own process tells the waits: no clock elsewhere knows when a handler was called, if that process was late.
const now = performance.now.bind(performance)

export default drive<Exercise>({
  exports: ['declareWorkQueues', 'consumeOrSetAside'],
  calls: {
    /** Declares, on a channel of its own; the lab is the caller here, so it listens for the errors. */
    async declare(exercise, { url, queue, policy }: { url: string; queue: string; policy: Policy }, line) {
      const connection = await connect(url, { noDelay: true })
      connection.on('error', () => {})
      const channel = await connection.createChannel()
      channel.on('error', () => {})
      channel.on('close', () => line.tell('channel-closed', { queue }))
      channels.set(queue, channel)
      await exercise.declareWorkQueues(channel, queue, policy)
    },
    /** Consumes on the channel on which the queues were declared. */
    async consume(exercise, { queue, policy, plan }: { queue: string; policy: Policy; plan: Plan }, line) {
      await exercise.consumeOrSetAside(channelOf(queue), queue, handler(queue, plan, line), policy)
    },
    /** Resolves when all that the exercise has sent on its channel is at the broker. */
    async roundTrip(_, { queue }: { queue: string }) {
      await channelOf(queue).checkExchange('amq.direct')
    },
  },
})

function handler(queue: string, plan: Plan, line: Line): (task: string) => Promise<void> {
  const times = new Map<string, number>()
  return (given) => {
    const task = textOf(given)
    const time = (times.get(task) ?? 0) + 1
    times.set(task, time)
    const deed = plan[task]?.[time - 1] ?? 'hold'
    line.tell('began', { call: ++calls, queue, task, time, deed, type: typeof given, atMs: Math.round(now()) })
    if (deed === 'throw') throw failure()
    if (deed === 'reject') return Promise.reject(failure())
    return new Promise((resolve) => {
      if (deed === 'resolve') setImmediate(resolve)
    })
  }
}

function channelOf(queue: string): Channel {
  return channels.get(queue) as Channel
}
