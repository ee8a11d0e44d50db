import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import type { Channel, ConfirmChannel } from 'amqplib'
import { drive } from '../../lab/student/drive.ts'
import {
  channelCalls,
  type HandlerOptions,
  handler,
  openChannel,
  openConfirmChannel,
  textOf,
} from '../../lab/student/handlers.ts'

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

/** The handlers' plan is by type of event. */
export interface SubscribeArgs extends HandlerOptions {
  url: string
  channel: string
  exchange: string
  service: string
  pattern: string
}

// Instances of a service run on several machines: each process believes that it is on one of its own.
os.hostname = () => `machine-${process.pid}`
syncBuiltinESMExports()

export default drive<Exercise>({
  exports: ['publishEvent', 'subscribe'],
  calls: {
    ...channelCalls,
    async publish(exercise, { url, channel: name, exchange, type, payload }: PublishArgs, line) {
      const channel = await openConfirmChannel(url, name, line)
      await exercise.publishEvent(channel, exchange, type, payload)
    },
    async subscribe(exercise, { url, channel: name, exchange, service, pattern, ...options }: SubscribeArgs, line) {
      const channel = await openChannel(url, name, line)
      const see = (type: unknown, payload: unknown) => ({
        task: textOf(type),
        type: typeof type,
        channel: name,
        ...payloadSeen(payload),
      })
      const handle = handler({ queue: service, otherwise: 'resolve', ...options }, line, see)
      await exercise.subscribe(channel, exchange, service, pattern, handle)
    },
  },
})

/** What the handler was given, in words and as JSON; null where JSON has nothing for it; and the first thing in it that JSON does not hold. */
function payloadSeen(payload: unknown): { kind: string; json: string | null; odd?: Odd | undefined } {
  const kind = kindOf(payload)
  if (kind === 'Buffer' || kind === 'message') return { kind, json: null }
  try {
    const odd = kind === 'undefined' ? undefined : oddIn(payload)
    return { kind, json: JSON.stringify(payload) ?? null, odd }
  } catch {
    return { kind, json: null, odd: typeof payload === 'bigint' ? { at: '', is: 'a bigint' } : undefined }
  }
}

interface Odd {
  /** The way to it: 'lines.0.price'. Empty for the payload itself. */
  at: string
  is: string
}

/** JSON can write a Date, and makes a text of it: what was written tells them apart no more. */
function oddIn(value: unknown, at = ''): Odd | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { at, is: String(value) }
  if (typeof value !== 'object') return { at, is: value === undefined ? 'undefined' : `a ${typeof value}` }
  const isPlain = Array.isArray(value) || (!('toJSON' in value) && !(Symbol.iterator in value))
  const isBoxed = value instanceof Number || value instanceof String || value instanceof Boolean
  if (!isPlain || isBoxed) return { at, is: `a ${value.constructor?.name ?? 'value'}` }
  for (const [name, each] of Object.entries(value)) {
    // Whether a name is there with nothing under it, JSON does not tell.
    const odd = each === undefined && !Array.isArray(value) ? undefined : oddIn(each, at ? `${at}.${name}` : name)
    if (odd) return odd
  }
  return undefined
}

function kindOf(payload: unknown): string {
  if (payload === null) return 'null'
  if (payload instanceof Uint8Array) return 'Buffer'
  if (Object(payload).content instanceof Uint8Array) return 'message'
  return Array.isArray(payload) ? 'array' : typeof payload
}
