import {
  type Connection,
  type Outcome,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  said,
} from '../../lab/check/evidence.ts'

/** What calls that connect with retries fall short of, in lesson 02 and later. */

interface Ended {
  show: (RecordedEvent | undefined)[]
  looksLike: string | undefined
  instead: string
}

/** A call that rejected with an error of the code's own shows no misconception. */
export function isBug({ error }: Outcome): boolean {
  return /^(Type|Reference|Range)Error$/.test(error?.name ?? '')
}

/** The call ended as it should not have. */
export function endedWrongly(outcome: Outcome, seen: string, { show, looksLike, instead }: Ended): Shortfall {
  const { event } = outcome
  return { seen, looksLike: isBug(outcome) ? undefined : looksLike, show: [...show, event], wrong: { event, instead } }
}

/** The call rejected where it should have tried again; `sentence` ends with its name. */
export function gaveUp(
  outcome: Outcome | undefined,
  sentence: string,
  how: Omit<Ended, 'instead'>,
): Shortfall | undefined {
  if (!outcome || outcome.ok) return undefined
  const seen = `${sentence} rejected: ${said(outcome)}`
  return endedWrongly(outcome, seen, { ...how, instead: 'another attempt, after a wait' })
}

export function became(outcome: Outcome): string {
  return outcome.ok ? 'resolved' : `rejected with: ${said(outcome)}`
}

/** What shows these connections: that they came, were opened, and ended; the whole handshake of one that never was. */
export function shown({ events }: Recording, ...which: (Connection | undefined)[]): RecordedEvent[] {
  return events.filter((event) =>
    which.some((one) => {
      if (event === one?.accepted || event === one?.end?.event) return true
      if (event.kind !== 'frame' || event.connection !== one?.connection) return false
      return one.openMs === undefined || event.method === 'connection.open-ok'
    }),
  )
}
