import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import type { Asked } from '../recording/words/asked.ts'
import type { Action, Told } from '../recording/words/told.ts'
import type { Line } from './drive.ts'

/*
 * What the drivers of consumers share: the channels that the exercise works on, and handlers that end as planned, or when the
 * lab says so.
 *
 *   handler ── told 'began' ──▶ the lab: lab/recording/tasks.ts
 *           ◀── asked 'finish' ── Student.finish()
 */

/** By task: what to do with it the first time, the second time, ... */
export type Plan = Record<string, Action[]>

export interface HandlerOptions {
  queue?: string
  plan?: Plan
  /** What to do with what is not planned. */
  otherwise?: Action
}

type Handler = (...given: unknown[]) => Promise<void>

/** What a handler was called with. */
export type Seen = Pick<Told['began'], 'task' | 'type'> & Partial<Told['began']>

export const FAILURE = 'The lab made this task fail.'

const opened = new Map<string, { connection: ChannelModel; channel: Channel }>()
let handlers = 0

/**
 * A channel for the exercise, kept under `name`: the same name gives the same channel. Its connection carries that name.
 * The lab is the caller here, so it listens for the errors.
 */
export async function openChannel(url: string, name: string, line: Line, confirms = false): Promise<Channel> {
  const known = opened.get(name)
  if (known) return known.channel
  const connection = await connect(url, { noDelay: true, clientProperties: { connection_name: name } })
  connection.on('error', () => {})
  const channel = await (confirms ? connection.createConfirmChannel() : connection.createChannel())
  channel.on('error', () => {})
  let open = true
  const closed = () => {
    if (open) line.tell('channel-closed', { channel: name })
    open = false
  }
  connection.on('close', closed)
  channel.on('close', closed)
  opened.set(name, { connection, channel })
  return channel
}

/** As openChannel(): the broker confirms what it has taken. */
export async function openConfirmChannel(url: string, name: string, line: Line): Promise<ConfirmChannel> {
  return (await openChannel(url, name, line, true)) as ConfirmChannel
}

/** The calls that every driver of a consumer has. */
export const channelCalls = {
  /** Resolves when all that the exercise has sent on its channel is at the broker. */
  async roundTrip(_: unknown, { channel }: { channel: string }) {
    await opened.get(channel)?.channel.checkExchange('amq.direct')
  },
  /** Has the broker close the exercise's channel: a 404 of the lab's own. */
  async breakChannel(_: unknown, { channel }: { channel: string }) {
    await opened
      .get(channel)
      ?.channel.checkExchange('no-such-exchange')
      .catch(() => {})
  },
  /** Closes the channel and its connection in the orderly way, as an instance does that is shut down. */
  async leave(_: unknown, { channel: name }: { channel: string }) {
    const { channel, connection } = opened.get(name) ?? {}
    await channel?.close().catch(() => {})
    await connection?.close().catch(() => {})
  },
}

export interface ConsumeArgs extends HandlerOptions {
  url: string
  /** Calls with the same name share a channel. */
  channel: string
  queue: string
}

/**
 * The call of a driver that has the exercise consume, with a handler of its own.
 *
 * @param start resolves with what the exercise does: a consumer tag, it is hoped
 */
export function consuming<Exercise, Args extends ConsumeArgs = ConsumeArgs>(
  start: (exercise: Exercise, channel: Channel, handle: Handler, args: Args, line: Line) => Promise<unknown>,
) {
  return async (exercise: Exercise, args: Args, line: Line) => {
    const channel = await openChannel(args.url, args.channel, line)
    const tag = await start(exercise, channel, handler(args, line), args, line)
    return { tag: typeof tag === 'string' ? tag : null, type: typeof tag }
  }
}

/**
 * A handler that tells the lab when it begins, and ends as planned, or as the lab says.
 *
 * @param see what it tells of that with which it was called
 */
export function handler<Given extends unknown[]>(
  { queue, plan = {}, otherwise = 'hold' }: HandlerOptions,
  line: Line,
  see: (...given: Given) => Seen = (...[task, id]) => seeTask(task, id),
): (...given: Given) => Promise<void> {
  const times = new Map<string, number>()
  return (...given) => {
    const call = ++handlers
    const seen = see(...given)
    const time = (times.get(seen.task) ?? 0) + 1
    times.set(seen.task, time)
    const action = plan[seen.task]?.[time - 1] ?? otherwise
    line.tell('began', { call, queue, time, action, ...seen })
    if (action === 'throw') throw failure(time)
    if (action === 'reject') return Promise.reject(failure(time))
    if (action === 'reject-with-empty-text') return Promise.reject('')
    if (action === 'resolve') return new Promise((resolve) => setImmediate(resolve))
    return new Promise((resolve, reject) => {
      line.heard('finish', ({ calls, how }: Asked['finish']) => {
        if (!calls.includes(call)) return
        if (how === 'resolve') resolve()
        else reject(failure(time))
      })
    })
  }
}

/** The task, and what came for its ID: null stands for something else than a text. */
export function seeTask(given?: unknown, id?: unknown): Seen {
  return { task: textOf(given), type: typeof given, id: typeof id === 'string' ? id : null, idType: typeof id }
}

/** The text of whatever a handler was given. */
export function textOf(given: unknown): string {
  if (typeof given === 'string') return given
  const bytes = given instanceof Uint8Array ? given : Object(given).content
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : String(given)
}

/** What a handler fails with, time after time: whatever it is, the task has failed. */
const ERRORS = [Error, TypeError, SyntaxError, RangeError]

/** An error as short as can be where the service prints it. */
function failure(time: number): Error {
  const Failure = ERRORS[(time - 1) % ERRORS.length] ?? Error
  return Object.assign(new Failure(FAILURE), { stack: `${Failure.name}: ${FAILURE}` })
}
