import type { ChannelModel, ConfirmChannel, Replies } from 'amqplib'
import { drive } from '../lab/student/drive.ts'

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
    /** Publishes tasks one after the other, and tells of each that the broker has confirmed. */
    async publish(_exercise, { name, queue, tasks }: { name: string; queue: string; tasks: string[] }, line) {
      const channel = channels.get(name) ?? (await openChannel(name))
      for (const task of tasks) {
        await new Promise<void>((resolve, reject) =>
          channel.sendToQueue(queue, Buffer.from(task), { persistent: true }, (error) =>
            error ? reject(error) : resolve(),
          ),
        )
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

async function openChannel(name: string): Promise<ConfirmChannel> {
  const channel = await connections.get(name)?.createConfirmChannel()
  if (channel === undefined) throw new Error(`there is no connection '${name}'`)
  // Its errors are the lab's own business: what the exercise declares may be refused.
  channel.on('error', () => {})
  channels.set(name, channel)
  return channel
}
