import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel, ConfirmChannel, Replies } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'

/** What the lab can ask of lesson 14's exercise. */

interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

interface Exercise {
  connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel>
  declareReplicatedQueue(channel: ConfirmChannel, queue: string): Promise<Replies.AssertQueue>
}

interface ConnectArgs {
  urls: string[]
  /** The lab aborts the call by telling 'abort' with the same name. */
  name: string
  options: RetryOptions
  /** The signal is aborted before the call. */
  aborted?: boolean
}

/** Confirms come within milliseconds; a queue that has lost its leader may never send the one that it owes. */
const CONFIRM_MS = 2000

/** By the name of the call that made it. */
const channels = new Map<string, ConfirmChannel>()
const connections = new Map<string, ChannelModel>()

export default drive<Exercise>({
  exports: ['connectToAny', 'declareReplicatedQueue'],
  calls: {
    async connect(exercise, { urls, name, options, aborted }: ConnectArgs, line) {
      const controller = new AbortController()
      const reason = new Error(`the lab aborted '${name}'`)
      line.heard('abort', (which: { name: string }) => {
        if (which.name !== name) return
        line.tell('aborted', { name })
        controller.abort(reason)
      })
      if (aborted) controller.abort(reason)
      const onRetry = (error: Error, attempt: number) =>
        line.tell('retry', { name, attempt, isError: error instanceof Error, message: String(error?.message) })
      try {
        const connection = await exercise.connectToAny(urls, { ...options, signal: controller.signal, onRetry })
        connections.set(name, connection)
        connection.on('close', () => line.tell('lost', { name }))
        return
      } catch (error) {
        if (error === reason) throw Object.assign(new Error('rejected with signal.reason'), { code: 'SIGNAL_REASON' })
        throw error
      }
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
