import type { FrameEvent, Recording, Side } from './recording.ts'

/** A method that carries content, with the header and the body frames that came with it. */
export interface Message {
  connection: number
  channel: number
  /** When the method came. */
  ms: number
  /** When the last of its frames came: then the other side has it. Missing: it was never complete. */
  completeMs?: number
  /** The method frame. */
  frame: FrameEvent
  properties: Record<string, unknown>
  /** Bytes. */
  size: number
  /** UTF-8; of each body frame at most the 1,000 characters that the recording has. */
  body: string
  /** A fault kept some of it from the other side, as far as the recording knows. */
  held: boolean
}

/** Puts the messages of one side together: those that begin with `methods`, in the order of their method frames. */
export function messages(recording: Pick<Recording, 'events'>, from: Side, methods: readonly string[]): Message[] {
  const found: Message[] = []
  const growing = new Map<string, { message: Message | undefined; missing: number }>()
  for (const event of recording.events) {
    if (event.kind !== 'frame' || event.from !== from) continue
    const place = `${event.connection}/${event.channel}`
    if (event.method === 'header' || event.method === 'body') {
      const current = growing.get(place)
      if (current?.message !== undefined) grow(current as { message: Message; missing: number }, event)
    } else if (methods.includes(event.method)) {
      const { connection, channel, ms } = event
      const held = event.held ?? false
      const message: Message = { connection, channel, ms, frame: event, properties: {}, size: 0, body: '', held }
      growing.set(place, { message, missing: Number.NaN })
      found.push(message)
    } else {
      growing.delete(place)
    }
  }
  return found
}

function grow(current: { message: Message; missing: number }, { method, fields, held, ms }: FrameEvent): void {
  const { message } = current
  message.held ||= held ?? false
  if (method === 'header') {
    message.size = Number(fields.bodySize)
    message.properties = (fields.properties ?? {}) as Record<string, unknown>
    current.missing = message.size
  } else {
    message.body += String(fields.text ?? '')
    current.missing -= Number(fields.size)
  }
  if (current.missing <= 0) message.completeMs ??= ms
}
