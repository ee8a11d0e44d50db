import { type Channel, connect } from 'amqplib'
import { errorSeen, type Line } from '../../lab/student/drive.ts'

/** What the drivers of consumers share: handlers that end when the lab says so, and the channels that they work on. */

/** What a handler does: succeed, reject or throw by itself, or wait until the lab tells it how to end. */
export type Deed = 'resolve' | 'reject' | 'throw' | 'hold'

/** By task: what to do with it the first time, the second time, ... */
export type Plan = Record<string, Deed[]>

export interface HandlerOptions {
  queue: string
  plan?: Plan
  /** What to do with what is not planned. */
  otherwise?: Deed
}

export const FAILURE = 'The lab made this task fail.'

const channels = new Map<string, Channel>()
let calls = 0

/**
 * A channel for the exercise, kept under `name`: the same name gives the same channel. The lab is the caller here, so it
 * listens for the errors.
 */
export async function openChannel(url: string, name: string, line: Line): Promise<Channel> {
  const known = channels.get(name)
  if (known) return known
  const connection = await connect(url, { noDelay: true })
  connection.on('error', () => {})
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  let open = true
  const closed = () => {
    if (open) line.tell('channel-closed', { channel: name })
    open = false
  }
  connection.on('close', closed)
  channel.on('close', closed)
  channels.set(name, channel)
  return channel
}

/** The calls that every such driver has. */
export const channelCalls = {
  /** Resolves when all that the exercise has sent on its channel is at the broker. */
  async roundTrip(_: unknown, { channel }: { channel: string }) {
    await channels.get(channel)?.checkExchange('amq.direct')
  },
  /** Has the broker close the exercise's channel: a 404 of the lab's own. */
  async breakChannel(_: unknown, { channel }: { channel: string }) {
    await channels
      .get(channel)
      ?.checkExchange('no-such-exchange')
      .catch(() => {})
  },
}

/** Calls the exercise, and tells what it resolved with: a consumer tag, it is hoped. */
export async function startConsumer(line: Line, channel: string, start: () => Promise<unknown>) {
  try {
    const tag = await start()
    return { tag: typeof tag === 'string' ? tag : null, type: typeof tag }
  } catch (error) {
    line.tell('rejected', { channel, message: errorSeen(error).message })
    throw error
  }
}

/** A handler that tells the lab when it begins, and ends as planned, or as the lab says. */
export function handler({ queue, plan = {}, otherwise = 'hold' }: HandlerOptions, line: Line) {
  const times = new Map<string, number>()
  return (given: unknown, id?: unknown): Promise<void> => {
    const call = ++calls
    const task = textOf(given)
    const time = (times.get(task) ?? 0) + 1
    times.set(task, time)
    const deed = plan[task]?.[time - 1] ?? otherwise
    line.tell('began', { call, task, queue, time, deed, type: typeof given, ...idSeen(id) })
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

/** An error as short as can be where the service prints it. */
export function failure(): Error {
  return Object.assign(new Error(FAILURE), { stack: `Error: ${FAILURE}` })
}

/** What the handler was given for an id: null stands for nothing. */
function idSeen(id: unknown): { id: string | null; idType: string } {
  return { id: typeof id === 'string' ? id : null, idType: typeof id }
}

/** The text of whatever the handler was given. */
export function textOf(given: unknown): string {
  if (typeof given === 'string') return given
  const bytes = given instanceof Uint8Array ? given : Object(given).content
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : String(given)
}
