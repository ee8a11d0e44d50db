import { type Events, once } from './once.ts'
import type { RecordedEvent } from './recording.ts'

const places = once(({ events }) => new Map(events.map((event, place) => [event, place])))

/** Where an event stands in a recording; -1 where it is not in it. */
export function placeIn(recording: Events, event: RecordedEvent): number {
  return places(recording).get(event) ?? -1
}

/** Whether the one happened before the other. What has not happened comes last. */
export function isBefore(recording: Events, one: RecordedEvent | undefined, other: RecordedEvent | undefined): boolean {
  return one !== undefined && (other === undefined || placeIn(recording, one) < placeIn(recording, other))
}

/** Those that happened, in the order in which they did. */
export function inOrder(recording: Events, some: (RecordedEvent | undefined)[]): RecordedEvent[] {
  const there = some.filter((event) => event !== undefined)
  return there.toSorted((one, other) => placeIn(recording, one) - placeIn(recording, other))
}
