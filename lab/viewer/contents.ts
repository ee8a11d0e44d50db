import type { FrameEvent, RecordedEvent, Recording } from '../recording/recording.ts'

const WITH_CONTENT = /^basic\.(publish|deliver|get-ok|return)$/

/** Which header and body frames belong to a method: they are shown with it. */
export interface Contents {
  belongs(event: RecordedEvent): boolean
  /** The header and body frames of a method, in order. */
  of(event: RecordedEvent): FrameEvent[]
}

export function contentsOf({ events }: Pick<Recording, 'events'>): Contents {
  const parts = new Map<RecordedEvent, FrameEvent[]>()
  const owned = new Set<RecordedEvent>()
  const open = new Map<string, FrameEvent[]>()
  for (const event of events) {
    if (event.kind !== 'frame') continue
    const lane = `${event.from}/${event.connection}/${event.channel}`
    const content = open.get(lane)
    if (event.method === 'header' || event.method === 'body') {
      if (content === undefined) continue
      content.push(event)
      owned.add(event)
    } else if (WITH_CONTENT.test(event.method)) {
      const own: FrameEvent[] = []
      parts.set(event, own)
      open.set(lane, own)
    } else open.delete(lane)
  }
  return { belongs: (event) => owned.has(event), of: (event) => parts.get(event) ?? [] }
}
