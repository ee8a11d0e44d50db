import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { drive, type Line } from '../../lab/student/drive.ts'
import { type Deed, failure, type Plan } from '../shared/handlers.ts'

/** What the lab can ask of lesson 12's exercise. */

type Handler = (type: unknown, payload: unknown) => Promise<void>

interface Exercise {
  publishEvent(channel: ConfirmChannel, exchange: string, type: string, payload: unknown): Promise<void>
  subscribe(channel: Channel, exchange: string, service: string, pattern: string, handle: Handler): Promise<string>
}

export interface PublishArgs {
  url: string
  /** Calls with the same name share a channel. Each has a connection of its own, which carries that name. */
  channel: string
  exchange: string
  type: string
  payload: unknown
}

export interface SubscribeArgs {
  url: string
  channel: string
  exchange: string
  service: string
  pattern: string
  /** By type of event. */
  plan?: Plan
  otherwise?: Deed
}

// Instances of a service run on several machines: each process believes that it is on one of its own.
os.hostname = () => `machine-${process.pid}`
syncBuiltinESMExports()

const connections = new Map<string, Promise<ChannelModel>>()
const channels = new Map<string, Promise<Channel>>()
let calls = 0

export default drive<Exercise>({
  exports: ['publishEvent', 'subscribe'],
  calls: {
    async publish(exercise, { url, channel: name, exchange, type, payload }: PublishArgs, line) {
      const connection = await connected(url, name)
      const channel = await channelOf(name, line, () => connection.createConfirmChannel())
      await exercise.publishEvent(channel as ConfirmChannel, exchange, type, payload)
    },
    async subscribe(exercise, { url, channel: name, ...args }: SubscribeArgs, line) {
      const connection = await connected(url, name)
      const channel = await channelOf(name, line, () => connection.createChannel())
      await exercise.subscribe(
        channel,
        args.exchange,
        args.service,
        args.pattern,
        handler({ channel: name, ...args }, line),
      )
    },
    /** Resolves when all that the exercise has sent on its channel is at the broker. */
    async roundTrip(_, { channel: name }: { channel: string }) {
      await (await channels.get(name))?.checkExchange('amq.topic')
    },
    /** Closes the channel and its connection in the orderly way, as an instance does that is shut down. */
    async leave(_, { channel: name }: { channel: string }) {
      const [channel, connection] = await Promise.all([channels.get(name), connections.get(name)])
      await channel?.close().catch(() => {})
      await connection?.close().catch(() => {})
    },
  },
})

/** The lab is the caller here, so it listens for the errors. */
async function connected(url: string, name: string): Promise<ChannelModel> {
  return getOrMake(connections, name, async () => {
    const connection = await connect(url, { noDelay: true, clientProperties: { connection_name: name } })
    connection.on('error', () => {})
    return connection
  })
}

function channelOf(name: string, line: Line, open: () => Promise<Channel>): Promise<Channel> {
  return getOrMake(channels, name, async () => {
    const channel = await open()
    channel.on('error', () => {})
    channel.on('close', () => line.tell('channel-closed', { channel: name }))
    return channel
  })
}

function getOrMake<T>(kept: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const known = kept.get(name)
  if (known) return known
  const made = make()
  kept.set(name, made)
  return made
}

/** A handler that tells the lab when it begins, and with what, and ends as planned or as the lab says. */
function handler({ channel, service, plan = {}, otherwise = 'resolve' }: Omit<SubscribeArgs, 'url'>, line: Line) {
  const times = new Map<string, number>()
  return (type: unknown, payload: unknown): Promise<void> => {
    const call = ++calls
    const task = textOf(type)
    const time = (times.get(task) ?? 0) + 1
    times.set(task, time)
    const deed = plan[task]?.[time - 1] ?? otherwise
    line.tell('began', { call, task, queue: service, channel, time, deed, type: typeof type, ...payloadSeen(payload) })
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

/** What the handler was given, in words and as JSON; null where JSON has nothing for it. */
function payloadSeen(payload: unknown): { kind: string; json: string | null } {
  const kind = kindOf(payload)
  if (kind === 'Buffer' || kind === 'message') return { kind, json: null }
  try {
    return { kind, json: JSON.stringify(payload) ?? null }
  } catch {
    return { kind, json: null }
  }
}

function kindOf(payload: unknown): string {
  if (payload === null) return 'null'
  if (payload instanceof Uint8Array) return 'Buffer'
  if (Object(payload).content instanceof Uint8Array) return 'message'
  return Array.isArray(payload) ? 'array' : typeof payload
}

/** The type, whatever the handler was given for it. */
function textOf(given: unknown): string {
  if (typeof given === 'string') return given
  return given instanceof Uint8Array ? Buffer.from(given).toString('utf8') : String(given)
}
