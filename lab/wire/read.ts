import { decodeMethod } from '../amqp/arguments.ts'
import type { Frame } from '../amqp/parser.ts'
import { plainFields, toPlain } from '../amqp/plain.ts'
import { decodeHeader, decodeProperties } from '../amqp/properties.ts'

/** A frame as a recording has it: `method` and `fields` of a FrameEvent. */
export interface ReadFrame {
  method: string
  fields: Record<string, unknown>
}

const TEXT_CHARACTERS = 1_000
/** A character of JavaScript is at most three bytes of UTF-8. */
const TEXT_BYTES = 3 * TEXT_CHARACTERS
const HEX_BYTES = 64

/** Reads a frame; never throws, as what can't be read is recorded, too. */
export function readFrame(frame: Frame): ReadFrame {
  try {
    switch (frame.kind) {
      case 'method': {
        const { name, args } = decodeMethod(frame.payload)
        return { method: name, fields: plainFields(args) }
      }
      case 'header': {
        const { bodySize, rawProperties } = decodeHeader(frame.payload)
        return {
          method: 'header',
          fields: { bodySize: toPlain(bodySize), properties: toPlain(decodeProperties(rawProperties)) },
        }
      }
      case 'body':
        return { method: 'body', fields: readBody(frame.payload) }
      case 'heartbeat':
        return { method: 'heartbeat', fields: {} }
      case 'protocol-header':
        return { method: 'protocol-header', fields: { version: frame.bytes.subarray(5).join('-') } }
      case 'undecodable':
        return undecoded(frame, frame.reason)
    }
  } catch (error) {
    return undecoded(frame, error instanceof Error ? error.message : String(error))
  }
}

function readBody(payload: Buffer): Record<string, unknown> {
  const size = payload.length
  const text = payload.toString('utf8', 0, Math.min(size, TEXT_BYTES))
  return { size, text: text.length > TEXT_CHARACTERS ? text.slice(0, TEXT_CHARACTERS) : text }
}

function undecoded(frame: Frame, reason: string): ReadFrame {
  const size = frame.bytes.length
  return { method: 'undecoded', fields: { size, hex: frame.bytes.toString('hex', 0, HEX_BYTES), reason } }
}
