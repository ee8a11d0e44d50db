import type { ChannelModel } from 'amqplib'
import { drive } from '../lab/student/drive.ts'

/** What the lab can ask of lesson 02's exercise. */

interface Options {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

interface Exercise {
  connectWithRetry(url: string, options: Options): Promise<ChannelModel>
}

let connection: ChannelModel | undefined

export default drive<Exercise>({
  exports: ['connectWithRetry'],
  calls: {
    /** Calls the exercise with a signal of its own, which the lab aborts by telling 'abort' with the same `name`. */
    async connect(exercise, args: { url: string; name?: string; options: Options; aborted?: boolean }, line) {
      const { url, name = 'first', options } = args
      const controller = new AbortController()
      const reason = new Error(`the lab aborted '${name}'`)
      line.heard('abort', (which: { name: string }) => {
        if (which.name === name) controller.abort(reason)
      })
      if (args.aborted) controller.abort(reason)
      try {
        connection = await exercise.connectWithRetry(url, {
          ...options,
          signal: controller.signal,
          onRetry: (error, attempt) =>
            line.tell('retry', { name, attempt, isError: error instanceof Error, message: String(error?.message) }),
        })
      } catch (error) {
        if (error === reason) throw Object.assign(new Error('rejected with signal.reason'), { code: 'SIGNAL_REASON' })
        throw error
      }
    },
    /** Uses the connection that the exercise returned last. */
    async use() {
      const channel = await connection?.createChannel()
      const { queue } = (await channel?.assertQueue('', { exclusive: true })) ?? {}
      return { queue }
    },
  },
})
