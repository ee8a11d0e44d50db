import type { RecordedEvent, Recording } from '../../lab/check/evidence.ts'

/** When something was, and what was found at the end. */

type Events = Pick<Recording, 'events'>

/** Whether the one happened before the other. What has not happened comes last. */
export function isBefore({ events }: Events, one: RecordedEvent, other: RecordedEvent | undefined): boolean {
  // What told() gives is a copy.
  const at = (event: RecordedEvent) => events.findIndex((each) => each === event || same(each, event))
  return other === undefined || at(one) < at(other)
}

function same(one: RecordedEvent, other: RecordedEvent): boolean {
  return one.kind === 'told' && other.kind === 'told' && one.ms === other.ms && one.data === other.data
}

export function markOf({ events }: Events, name: string): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'mark' && event.name === name)
}

/** What the lab found in the queue when it looked last; undefined when nobody looked. */
export function inQueue({ events }: Events): string[] | undefined {
  const drained = events.findLast((event) => event.kind === 'broker' && event.what === 'drained')
  if (drained?.kind !== 'broker') return undefined
  return (drained.data.tasks as { task: string }[]).map(({ task }) => task)
}

/** The message of the error that was told of. */
export function messageOf({ data }: { data: Record<string, unknown> }): string {
  return (data.error as { message?: string } | undefined)?.message ?? 'nothing'
}
