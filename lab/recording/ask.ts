import * as v from 'valibot'
import type { ErrorSeen } from './error-seen.ts'
import type { Events } from './once.ts'
import type {
  AwaitedEvent,
  BrokerEvent,
  CalledEvent,
  FrameEvent,
  ProcessEvent,
  RecordedEvent,
  Side,
  TcpEvent,
  ToldEvent,
} from './recording.ts'
import type { Held } from './words/held.ts'
import type { Told } from './words/told.ts'

/** Small questions to a recording that every check asks. */

/** True when the scenario came this far. */
export function marked(recording: Events, name: string): boolean {
  return markOf(recording, name) !== undefined
}

export function markOf({ events }: Events, name: string): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'mark' && event.name === name)
}

/** What the process told under this name, in order. */
export function told<Name extends keyof Told>({ events }: Events, name: Name): ToldEvent<Name>[] {
  return events.filter((event): event is ToldEvent<Name> => event.kind === 'told' && event.name === name)
}

/**
 * How many events suit, of a recording that is still growing: however often it is asked, it looks at each event once.
 *
 *   const published = counting(recorder, (event) => event.kind === 'frame' && event.method === 'basic.publish')
 */
export function counting({ events }: Events, suits: (event: RecordedEvent) => boolean): () => number {
  let looked = 0
  let count = 0
  return () => {
    for (const event of events.slice(looked)) if (suits(event)) count++
    looked = events.length
    return count
  }
}

/** What the lab did at the broker or found there, of this kind, in order. */
export function atBroker<What extends keyof Held>({ events }: Events, what: What): BrokerEvent<What>[] {
  return events.filter((event): event is BrokerEvent<What> => event.kind === 'broker' && event.what === what)
}

/** The lab's calls of this name, in order. */
export function calls({ events }: Events, name: string): CalledEvent[] {
  return events.filter((event): event is CalledEvent => event.kind === 'called' && event.name === name)
}

/** How a call of the exercise ended. */
export interface Outcome {
  ok: boolean
  value: unknown
  error?: ErrorSeen | undefined
  event: ToldEvent<'settled'>
}

/** How a call ended; undefined while it is pending. */
export function outcomeOf(recording: Events, { student, id }: CalledEvent): Outcome | undefined {
  const event = told(recording, 'settled').find((each) => each.student === student && each.data.id === id)
  return event && { ...event.data, event }
}

/** How the first call `name` whose arguments suit ended; undefined while it is pending. */
export function settled(
  recording: Events,
  name: string,
  suits: (args: Record<string, unknown>) => boolean = () => true,
): Outcome | undefined {
  const call = calls(recording, name).find(({ args }) => suits(args))
  return call && outcomeOf(recording, call)
}

/** The value that a call resolved with, where it is as the schema says. */
export function returned<Schema extends v.GenericSchema>(
  outcome: Pick<Outcome, 'value'> | undefined,
  schema: Schema,
): v.InferOutput<Schema> | undefined {
  const parsed = v.safeParse(schema, outcome?.value)
  return parsed.success ? parsed.output : undefined
}

/** What the lab found out about the student's process. */
export function findings({ events }: Events) {
  return events.filter((event) => event.kind === 'finding')
}

/** The first thing that was awaited in vain. */
export function awaited({ events }: Events): AwaitedEvent | undefined {
  return events.find((event) => event.kind === 'awaited')
}

/** The last thing that was awaited in vain. */
export function lastAwaited({ events }: Events): AwaitedEvent | undefined {
  return events.findLast((event) => event.kind === 'awaited')
}

/** The frames of these methods, in order. */
export function frames({ events }: Events, ...methods: string[]): FrameEvent[] {
  return events.filter((event): event is FrameEvent => event.kind === 'frame' && methods.includes(event.method))
}

/** The first frame of a method; where it matters, from that side. */
export function frame({ events }: Events, method: string, side?: Side): FrameEvent | undefined {
  return events.find(
    (event): event is FrameEvent =>
      event.kind === 'frame' && event.method === method && (side === undefined || event.from === side),
  )
}

/** What happened to TCP connections, of this kind, in order. */
export function tcp({ events }: Events, what: TcpEvent['what']): TcpEvent[] {
  return events.filter((event): event is TcpEvent => event.kind === 'tcp' && event.what === what)
}

/** What happened to the student's processes, of this kind, in order. */
export function processes({ events }: Events, what: ProcessEvent['what']): ProcessEvent[] {
  return events.filter((event): event is ProcessEvent => event.kind === 'process' && event.what === what)
}

/** The service's queue.declare frames that ask for more than whether the queue is there. */
export function declares(recording: Events): FrameEvent[] {
  return frames(recording, 'queue.declare').filter(({ fields }) => fields.passive !== true)
}

/** The frame that closed a channel, or the connection with it. */
export function closing(recording: Events): FrameEvent | undefined {
  return frame(recording, 'channel.close') ?? frame(recording, 'connection.close')
}

/** Who closed it, as a sentence begins. */
export function by({ from }: FrameEvent): string {
  return from === 'broker' ? 'The broker' : 'Your service'
}

/** 'The broker closed the channel: NOT_FOUND - no queue ...': it may also have closed the connection. */
export function closed(close: FrameEvent): string {
  const what = close.method === 'connection.close' ? 'connection' : 'channel'
  return `${by(close)} closed the ${what}: ${close.fields.replyText}`
}

export function closedBecause(recording: Events): string {
  const close = closing(recording)
  return close ? ` ${closed(close)}` : ''
}

/** What was in a queue when the lab took everything out. */
export interface Contents {
  queue: string
  tasks: string[]
  event: BrokerEvent<'drained'>
}

export function contents(recording: Events): Contents[] {
  return atBroker(recording, 'drained').map((event) => ({
    queue: event.data.queue,
    tasks: event.data.tasks.map(({ task }) => task),
    event,
  }))
}

/** The message of the error that a call rejected with. */
export function said({ error }: { error?: ErrorSeen | undefined }): string {
  return error?.message ?? 'nothing'
}

/** '1 attempt', '3 attempts'. */
export function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** 'second', 'third', '4th'. */
export function nth(count: number): string {
  return ['second', 'third'][count - 2] ?? `${count}th`
}
