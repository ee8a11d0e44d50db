import { type Channel, connect } from 'amqplib'
import { drive, errorSeen, type Line } from '../../lab/student/drive.ts'
import { failure, textOf } from '../shared/handlers.ts'

/** What the lab can ask of lesson 04's exercise. */

interface Exercise {
  consumeTasks(channel: Channel, queue: string, handle: (task: string) => Promise<void>): Promise<string>
}

/** What a handler does: succeed, reject or throw by itself, or wait until the lab tells it how to end. */
export type Deed = 'resolve' | 'reject' | 'throw' | 'hold'

/** By task: what to do with it the first time, the second time, ... What is not planned is held. */
export type Plan = Record<string, Deed[]>

export const FAILURE = 'The lab made this task fail.'

const channels = new Map<string, Channel>()
let calls = 0
let timersBefore = 0

export default drive<Exercise>({
  exports: ['consumeTasks'],
  calls: {
    /** Calls the exercise on a channel of its own; the lab is the caller here, so it listens for the errors. */
    async consume(exercise, { url, queue, plan = {} }: { url: string; queue: string; plan?: Plan }, line) {
      const connection = await connect(url, { noDelay: true })
      connection.on('error', () => {})
      const channel = await connection.createChannel()
      channel.on('error', () => {})
      let open = true
      const closed = () => {
        if (open) line.tell('channel-closed', { queue })
        open = false
      }
      connection.on('close', closed)
      channel.on('close', closed)
      channels.set(queue, channel)
      timersBefore = timers()
      try {
        const tag: unknown = await exercise.consumeTasks(channel, queue, handler(plan, line))
        return { tag: typeof tag === 'string' ? tag : null, type: typeof tag }
      } catch (error) {
        line.tell('rejected', { queue, message: errorSeen(error).message })
        throw error
      }
    },
    /** Resolves when all that the exercise has sent on its channel is at the broker. */
    async roundTrip(_, { queue }: { queue: string }) {
      await channelOf(queue).checkExchange('amq.direct')
    },
    /** How many timers the process waits for that were not there before the exercise. */
    timers: () => timers() - timersBefore,
    /** Has the broker close the exercise's channel: a 404 of the lab's own. */
    async breakChannel(_, { queue }: { queue: string }) {
      await channelOf(queue)
        .checkExchange('no-such-exchange')
        .catch(() => {})
    },
  },
})

function handler(plan: Plan, line: Line): (task: string) => Promise<void> {
  const times = new Map<string, number>()
  return (given) => {
    const call = ++calls
    const task = textOf(given)
    const time = (times.get(task) ?? 0) + 1
    times.set(task, time)
    const deed = plan[task]?.[time - 1] ?? 'hold'
    line.tell('began', { call, task, time, deed, type: typeof given })
    if (deed === 'throw') throw failure()
    if (deed === 'reject') return Promise.reject(failure())
    if (deed === 'resolve') return new Promise((resolve) => setImmediate(resolve))
    return new Promise((resolve, reject) => {
      line.heard('finish', (told: { call: number; how: 'resolve' | 'reject' }) => {
        if (told.call !== call) return
        if (told.how === 'resolve') resolve()
        else reject(failure())
      })
    })
  }
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}

function channelOf(queue: string): Channel {
  return channels.get(queue) as Channel
}
