import type { Message } from '../message/message.ts'
import type { Ready } from './ready.ts'
import type { QueueSettings } from './settings.ts'

const NONE = Number.POSITIVE_INFINITY

/** Whether there is more in a queue than there may be, or would be with `more`. */
export function isOverfull(
  ready: Ready,
  { maxLength = NONE, maxLengthBytes = NONE }: QueueSettings,
  more?: Message,
): boolean {
  if (more === undefined) return ready.length > maxLength || ready.bytes > maxLengthBytes
  return ready.length + 1 > maxLength || ready.bytes + more.bodySize > maxLengthBytes
}

/** When a message that comes now expires, by Date.now(); 0: never. The shorter of both times counts. */
export function expiryOf({ expirationMs }: Message, { messageTtlMs }: QueueSettings): number {
  if (expirationMs === -1 && messageTtlMs === undefined) return 0
  return Date.now() + Math.min(messageTtlMs ?? NONE, expirationMs === -1 ? NONE : expirationMs)
}
