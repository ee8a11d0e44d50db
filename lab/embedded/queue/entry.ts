import type { Message } from '../message/message.ts'

/** A message in one queue. */
export class Entry {
  readonly message: Message
  /** Its place in the queue: it grows from message to message. */
  readonly place: number
  /** By Date.now(); 0: never. */
  readonly expiresAt: number
  redelivered: boolean
  /** A consumer failed with it: rejected it, or went away without a word about it. */
  failed: boolean
  /** How often it came back, and how often of those it failed. Only quorum queues tell. */
  acquired = 0
  deliveries = 0

  constructor(message: Message, place: number, expiresAt: number) {
    this.message = message
    this.place = place
    this.expiresAt = expiresAt
    this.redelivered = message.failed
    this.failed = message.failed
  }
}
