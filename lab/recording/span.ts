import { calls } from './ask.ts'
import type { Events } from './once.ts'
import { placeIn } from './order.ts'
import type { RecordedEvent } from './recording.ts'

/** Parts of a recording. They can be asked whatever the whole can be asked. */

/** What happened from an event on; nothing where it never happened. */
export function since(recording: Events, event: RecordedEvent | undefined): Events {
  return { events: event ? recording.events.slice(placeIn(recording, event)) : [] }
}

/** What happened before an event; nothing where it never happened. */
export function until(recording: Events, event: RecordedEvent | undefined): Events {
  return { events: event ? recording.events.slice(0, placeIn(recording, event)) : [] }
}

/** What happened from the first call `name` whose arguments suit up to the lab's next call of that name. */
export function during(recording: Events, name: string, suits: (args: Record<string, unknown>) => boolean): Events {
  const all = calls(recording, name)
  const at = all.findIndex(({ args }) => suits(args))
  const from = since(recording, all[at])
  const next = at === -1 ? undefined : all[at + 1]
  return next ? until(from, next) : from
}
