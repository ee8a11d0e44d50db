import { subscribe } from 'node:diagnostics_channel'
import { errorMonitor } from 'node:events'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { ChannelModel } from 'amqplib'
import { AT_ONCE, replaceClocks } from '../../lab/student/clocks.ts'
import { drive, type Line } from '../../lab/student/drive.ts'
import { countTimers } from '../../lab/student/timers.ts'
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
/** No timer of a wait takes longer, where waits are looked at by their timers: longer ones are limits. */
const LONGEST_WAIT_MS = 100
/** Of its timeoutMs, an attempt has this much at least. */
const NOT_BEFORE = 0.8
const DAY_MS = 86_400_000
/** Half as long again as any wait may be where nobody says how long: a timer of the lab's is due then, and runs in its turn. */
const TOO_LONG_MS = 45_000
const clocks = replaceClocks(AT_ONCE)
let isHurried = false
let connection: ChannelModel | undefined
let timers: ReturnType<typeof countTimers> | undefined

export default drive<Exercise>({
  exports: ['connectWithRetry'],
  calls: {
    async connect(exercise, { url, bare, ...args }: ConnectArgs, line) {
      watchAttempts(line, args.options)
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
    timers: () => timers?.(),
    /** From now on its clocks run fast. */
    hurry() {
      isHurried = true
      clocks.hurry()
    },
    /** The clocks of the process stand a day later; its timers run on. */
    skipADay() {
      const clocks = { date: Date.now, process: performance.now.bind(performance) }
      Date.now = () => clocks.date() + DAY_MS
      performance.now = () => clocks.process() + DAY_MS
    },
  },
})

/**
 * Tells, at each attempt but the first, what only the process itself can know of the time since the one before: how long
 * that was by its own clock, whether the old socket is still there, how many turns the event loop made in the wait, and
 * whether anything kept the process alive in it; and at the second, whether the first had less than its time.
 */
function watchAttempts(line: Line, { timeoutMs }: RetryOptions): void {
  if (timers) return
  // A limit may run from the call on, and on a busy machine the first socket comes a while later.
  const calledAt = performance.now()
  let first: Socket | undefined
  let isEarly = true
  // However busy the machine is, timers run in the order in which they are due.
  if (timeoutMs !== undefined) {
    setTimeout(() => {
      isEarly = first?.destroyed ?? false
    }, NOT_BEFORE * timeoutMs).unref()
  }
  let last:
    | {
        socket: Socket
        begunAt: number
        failedAt?: number
        timersMs?: number
        turns: number
        kept?: boolean
        isTooLong?: boolean
      }
    | undefined
  setInterval(() => {
    if (!last) return
    last.turns++
    last.kept = process.getActiveResourcesInfo().some((resource) => /Timeout|Immediate|Process|Worker/.test(resource))
  }, TURN_MS).unref()
  timers = countTimers((ms) => {
    const setMs = isHurried ? ms * AT_ONCE.times : ms
    // On fast clocks only the limit of an attempt is as long as a wait.
    const isLimit = isHurried ? setMs === timeoutMs : setMs > LONGEST_WAIT_MS
    if (last?.failedAt !== undefined && !isLimit) last.timersMs = (last.timersMs ?? 0) + setMs
  })
  subscribe('net.client.socket', (message) => {
    const now = performance.now()
    if (last) {
      line.tell('next-attempt', {
        sinceMs: Math.round(now - last.begunAt),
        lastOpen: !last.socket.destroyed,
        ...(last.socket === first && timeoutMs !== undefined ? { isEarly } : {}),
        // The wait after an error; an attempt that was closed without one is not measured here.
        ...(last.failedAt === undefined
          ? {}
          : {
              waitedMs: Math.round(now - last.failedAt),
              timersMs: last.timersMs,
              turns: last.turns,
              kept: last.kept,
              isTooLong: last.isTooLong,
            }),
      })
    }
    const { socket } = message as { socket: Socket }
    first ??= socket
    const attempt: typeof last = { socket, begunAt: last ? now : calledAt, turns: 0 }
    last = attempt
    // Runs before any listener of the exercise's, so the exercise can't have begun its wait yet.
    socket.once(errorMonitor, () => {
      if (isHurried) setTimeout(() => Object.assign(attempt, { isTooLong: true }), TOO_LONG_MS).unref()
      attempt.failedAt = performance.now()
      attempt.turns = 0
    })
  })
}
