import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel, ConfirmChannel, Replies } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import { connecting, type RetryArgs, type RetryOptions } from '../shared/retrying.ts'

/** What the lab can ask of lesson 14's exercise. */

interface Exercise {
  connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel>
  declareReplicatedQueue(channel: ConfirmChannel, queue: string): Promise<Replies.AssertQueue>
}

/** Confirms come within milliseconds; a queue that has lost its leader may never send the one that it owes. */
const CONFIRM_MS = 2000

/** By the name of the call that made it. */
const channels = new Map<string, ConfirmChannel>()
const connections = new Map<string, ChannelModel>()

export default drive<Exercise>({
  exports: ['connectToAny', 'declareReplicatedQueue'],
  calls: {
    async connect(exercise, { urls, ...args }: RetryArgs & { urls: string[]; name: string }, line) {
      const { name } = args
      const connection = await connecting(line, args, (options) => exercise.connectToAny(urls, options))
      connections.set(name, connection)
      connection.on('close', () => line.tell('lost', { name }))
    },
    /** Declares the queue through the exercise, on a channel of the connection that was made under this name. */
    async declare(exercise, { name, queue }: { name: string; queue: string }) {
      const channel = channels.get(name) ?? (await openChannel(name))
      await exercise.declareReplicatedQueue(channel, queue)
    },
    /** Publishes tasks one after the other, each until the broker confirms it, and tells of that. */
    async publish(_exercise, { name, queue, tasks }: { name: string; queue: string; tasks: string[] }, line) {
      for (const task of tasks) {
        while (!(await isConfirmed(channels.get(name) ?? (await openChannel(name)), queue, task))) {
          // A channel that met the queue without a leader may not hear of the next one: another asks anew.
          await sleep(50)
          await openChannel(name)
        }
        line.tell('confirmed', { task })
      }
    },
    /** Consumes, and tells of each task. */
    async consume(_exercise, { name, queue }: { name: string; queue: string }, line) {
      const channel = channels.get(name) ?? (await openChannel(name))
      await channel.consume(queue, (message) => {
        if (message === null) return
        channel.ack(message)
        line.tell('worked', { task: message.content.toString() })
      })
    },
  },
})

/** False for a nack or no answer: so it may go with a queue that is choosing its leader. Publishing again does no harm. */
async function isConfirmed(channel: ConfirmChannel, queue: string, task: string): Promise<boolean> {
  const answer = new Promise<boolean>((resolve, reject) =>
    channel.sendToQueue(queue, Buffer.from(task), { persistent: true }, (error) => {
      if (!error) resolve(true)
      else if (error.message === 'message nacked') resolve(false)
      else reject(error)
    }),
  )
  // The channel may be lost later, when nobody waits for this any more.
  answer.catch(() => {})
  return Promise.race([answer, sleep(CONFIRM_MS, false, { ref: false })])
}

async function openChannel(name: string): Promise<ConfirmChannel> {
  const channel = await connections.get(name)?.createConfirmChannel()
  if (channel === undefined) throw new Error(`there is no connection '${name}'`)
  // Its errors are the lab's own business: what the exercise declares may be refused.
  channel.on('error', () => {})
  channels.set(name, channel)
  return channel
}
