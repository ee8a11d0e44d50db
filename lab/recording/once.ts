import type { RecordedEvent, Recording } from './recording.ts'

export type Events = Pick<Recording, 'events'>

/**
 * Answers a question to a recording once, however often it is asked: again only when more has been recorded since.
 *
 *   export const deliveries = once((recording) => …)
 */
export function once<Answer>(compute: (recording: Events) => Answer): (recording: Events) => Answer {
  const known = new WeakMap<RecordedEvent[], { length: number; last: RecordedEvent | undefined; answer: Answer }>()
  return (recording) => {
    const { events } = recording
    const before = known.get(events)
    if (before?.length === events.length && before.last === events.at(-1)) return before.answer
    const answer = compute(recording)
    known.set(events, { length: events.length, last: events.at(-1), answer })
    return answer
  }
}
