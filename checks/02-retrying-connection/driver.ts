import { subscribe } from 'node:diagnostics_channel'
import { errorMonitor } from 'node:events'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { ChannelModel } from 'amqplib'
import { drive, type Line } from '../../lab/student/drive.ts'
import { connecting, type RetryArgs, type RetryOptions } from '../shared/retrying.ts'

/** What the lab can ask of lesson 02's exercise. */

interface Exercise {
  connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel>
}

interface ConnectArgs extends RetryArgs {
  url: string
  /** Only its options: no signal, no onRetry. */
  bare?: boolean
}

const TURN_MS = 10
let connection: ChannelModel | undefined
let watched = false

export default drive<Exercise>({
  exports: ['connectWithRetry'],
  calls: {
    async connect(exercise, { url, bare, ...args }: ConnectArgs, line) {
      watchAttempts(line)
      try {
        connection = await connecting(line, args, (options) =>
          exercise.connectWithRetry(url, bare ? args.options : options),
        )
      } catch (error) {
        // Whoever wraps the broker's error keeps it as the cause: nothing is hidden.
        const { message, cause } = error as Error
        if (cause instanceof Error) throw new Error(`${message} [cause: ${cause.message}]`)
        throw error
      }
    },
    /** Uses the connection that the exercise returned last. */
    async use() {
      const channel = await connection?.createChannel()
      const { queue } = (await channel?.assertQueue('', { exclusive: true })) ?? {}
      return { queue }
    },
    async close() {
      await connection?.close()
    },
    /** How many timers the process waits for: whoever has set one may want to connect later. */
    timers: () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length,
  },
})

/**
 * Tells, at each attempt but the first, what only the process itself can know of the time since the one before: how long
 * that was by its own clock, whether the old socket is still there, and how many turns the event loop made in the wait.
 */
function watchAttempts(line: Line): void {
  if (watched) return
  watched = true
  // A limit may run from the call on, and on a busy machine the first socket comes a while later.
  const calledAt = performance.now()
  let last: { socket: Socket; begunAt: number; failedAt?: number; turns: number } | undefined
  setInterval(() => {
    if (last) last.turns++
  }, TURN_MS).unref()
  subscribe('net.client.socket', (message) => {
    const now = performance.now()
    if (last) {
      line.tell('next-attempt', {
        sinceMs: Math.round(now - last.begunAt),
        lastOpen: !last.socket.destroyed,
        // The wait after an error; an attempt that was closed without one is not measured here.
        ...(last.failedAt === undefined ? {} : { waitedMs: Math.round(now - last.failedAt), turns: last.turns }),
      })
    }
    const { socket } = message as { socket: Socket }
    const attempt: typeof last = { socket, begunAt: last ? now : calledAt, turns: 0 }
    last = attempt
    // Runs before any listener of the exercise's, so the exercise can't have begun its wait yet.
    socket.once(errorMonitor, () => {
      attempt.failedAt = performance.now()
      attempt.turns = 0
    })
  })
}
