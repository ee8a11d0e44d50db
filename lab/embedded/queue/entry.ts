import type { Message } from '../message/message.ts'

/** A message in one queue. */
export class Entry {
  readonly message: Message
  /** Its place in the queue: it grows from message to message. */
  readonly place: number
  /** By Date.now(); 0: never. */
  readonly expiresAt: number
  redelivered: boolean
  /** How often it came back to this queue. Only quorum queues tell it. */
  returns = 0
  /** How often a consumer failed with it, here or before it died: rejected it, or went away without a word about it. */
  failures: number

  constructor(message: Message, place: number, expiresAt: number) {
    this.message = message
    this.place = place
    this.expiresAt = expiresAt
    this.redelivered = message.failures > 0
    this.failures = message.failures
  }
}
