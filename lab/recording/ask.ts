import type { ErrorSeen } from './error-seen.ts'
import type { Recording, ToldEvent } from './recording.ts'

/** Small questions to a recording that every check asks. */

/** What became of a call of the exercise. */
export interface Settlement {
  ok: boolean
  value: unknown
  error?: ErrorSeen
  event: ToldEvent
}

/** True when the scenario came this far. */
export function marked(recording: Recording, name: string): boolean {
  return recording.events.some((event) => event.kind === 'mark' && event.name === name)
}

type Told = ToldEvent & { data: Record<string, unknown> }

/** What the driver told under this name, in order: the recording's own events, which can be shown and marked. */
export function told(recording: Recording, name: string): Told[] {
  return recording.events.filter(
    (event): event is Told =>
      event.kind === 'told' && event.name === name && typeof event.data === 'object' && event.data !== null,
  )
}

/** What became of the first call `name` whose arguments suit; undefined while it is pending. */
export function settled(
  recording: Recording,
  name: string,
  suits: (args: Record<string, unknown>) => boolean = () => true,
): Settlement | undefined {
  const call = recording.events.find(
    (event) =>
      event.kind === 'asked' &&
      event.name === name &&
      'id' in record(event.data) &&
      suits(record(record(event.data).args)),
  )
  if (call?.kind !== 'asked') return undefined
  const { id } = record(call.data)
  const event = told(recording, 'settled').find((each) => each.student === call.student && each.data.id === id)
  if (!event) return undefined
  const { ok, value, error } = event.data as unknown as Settlement
  return { ok, value, ...(error === undefined ? {} : { error }), event }
}

/** What the lab found out about the student's process. */
export function findings(recording: Recording) {
  return recording.events.filter((event) => event.kind === 'finding')
}

/** The message of the error that a call rejected with. */
export function said(settlement: Settlement): string {
  return settlement.error?.message ?? 'nothing'
}

/** '1 attempt', '3 attempts'. */
export function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function record(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
}
