import type { ProcessEvent, Recording } from './recording.ts'

type Stream = 'stdout' | 'stderr'

/** What the student's processes printed, on both streams, a line an event. */
export function output(recording: Pick<Recording, 'events'>): ProcessEvent[] {
  return recording.events.flatMap((event) =>
    event.kind === 'process' && (event.what === 'stdout' || event.what === 'stderr') ? [event] : [],
  )
}

/** A stream as one text, for what may have several lines, as the words of an error may. */
export function textOf(recording: Pick<Recording, 'events'>, stream: Stream): string {
  return output(recording)
    .filter(({ what }) => what === stream)
    .map(({ text }) => text)
    .join('\n')
}

/** The first line that has `text` in it. */
export function printed(recording: Pick<Recording, 'events'>, text: string): ProcessEvent | undefined {
  return output(recording).find((line) => line.text?.includes(text))
}

/**
 * The first of `texts` that does not come after the ones before it; other lines may stand between them. One that was
 * never printed has no place. The two streams travel different ways, so only what is on the same one has an order.
 */
export function outOfOrder(recording: Pick<Recording, 'events'>, texts: string[]): string | undefined {
  for (const stream of ['stdout', 'stderr'] as const) {
    const wanted = texts.filter((text) => printed(recording, text)?.what === stream)
    let at = 0
    for (const line of output(recording)) {
      const next = wanted[at]
      if (line.what === stream && next !== undefined && line.text?.includes(next)) at++
    }
    if (at < wanted.length) return wanted[at]
  }
  return undefined
}
