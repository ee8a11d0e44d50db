import type { Message } from '../message/message.ts'
import type { Queue } from '../queue/queue.ts'

/** A message with the places that it was routed to when it was published. */
export interface Publication {
  readonly message: Message
  readonly mandatory: boolean
  /** Undefined: it goes to whoever waits for it as a direct reply. */
  readonly queues: Iterable<Queue> | undefined
}
