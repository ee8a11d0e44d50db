import { declares } from './ask.ts'
import { type Events, once } from './once.ts'
import type { FrameEvent } from './recording.ts'

/** An argument of a queue after which what is in it goes by itself, or what comes to it is not kept. */
export interface QueueLimit {
  /** The service's queue.declare. */
  declare: FrameEvent
  /** As declared: empty where the broker was to make up a name. */
  queue: string
  argument: LimitArgument
  value: number
  /** What the broker does at this limit, as a sentence goes on: 'the broker deletes ...'. */
  does: string
}

type LimitArgument = keyof typeof LIMITS

/** rabbitmq.com/docs/ttl and rabbitmq.com/docs/maxlength */
const LIMITS = {
  'x-expires': 'the broker deletes the queue and its tasks once it has been unused for that many milliseconds',
  'x-message-ttl': 'the broker removes every message that has been in the queue for that many milliseconds',
  'x-max-length': 'once the queue is full, the broker drops the oldest task or refuses the newest',
  'x-max-length-bytes': 'once the queue is full, the broker drops the oldest task or refuses the newest',
} as const

/** The limits with which the service declared its queues, in the order of the declarations. */
export const limitsOfQueues = once((recording: Events): QueueLimit[] =>
  declares(recording).flatMap((declare) =>
    Object.entries(Object(declare.fields.arguments) as Record<string, unknown>)
      .filter((entry): entry is [LimitArgument, unknown] => entry[0] in LIMITS)
      .map(([argument, value]) => ({
        declare,
        queue: String(declare.fields.queue),
        argument,
        value: Number(value),
        does: LIMITS[argument],
      })),
  ),
)
