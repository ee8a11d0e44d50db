import type { FrameEvent, RecordedEvent, Side } from '../../lab/recording/recording.ts'

/** Frames of one channel, as a wire notes them. */
export function frame(from: Side, method: string, fields: Record<string, unknown> = {}, channel = 1): FrameEvent {
  return { kind: 'frame', ms: 0, from, connection: 1, channel, method, fields }
}

export function tcp(what: 'accepted' | 'ended' | 'reset', by?: Side): RecordedEvent {
  return { kind: 'tcp', ms: 0, connection: 1, what, ...(by && { by }) }
}

export function deliver(deliveryTag: number, more: Record<string, unknown> = {}): FrameEvent {
  const fields = { consumerTag: 'c', deliveryTag, redelivered: false, exchange: '', routingKey: 'task_queue' }
  return frame('broker', 'basic.deliver', { ...fields, ...more })
}

export function content(text: string, from: Side = 'broker'): FrameEvent[] {
  const size = Buffer.byteLength(text)
  const header = frame(from, 'header', { bodySize: size, properties: {} })
  return size === 0 ? [header] : [header, frame(from, 'body', { size, text })]
}
