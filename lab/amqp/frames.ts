import { writeMethodPayload } from './arguments.ts'
import { Writer } from './bytes.ts'
import type { Arguments, MethodName } from './methods.ts'
import { type Properties, writeProperties } from './properties.ts'

/**
 * Writing frames: section 4.2.3 'General Frame Format'.
 *
 *   0      1         3        7               size+7
 *   +------+---------+--------+---------------+------+
 *   | type | channel | size   | payload       | 0xCE |
 *   +------+---------+--------+---------------+------+
 */
export const FRAME_TYPES = { method: 1, header: 2, body: 3, heartbeat: 8 } as const
export const FRAME_END = 0xce
/** Bytes of a frame around its payload; `frameMax` counts them. */
export const FRAME_OVERHEAD = 8
const BASIC = 60

/** What a client sends first: section 4.2.2 'Protocol Header'. */
export const PROTOCOL_HEADER: Buffer = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])
export const HEARTBEAT: Buffer = Buffer.from([FRAME_TYPES.heartbeat, 0, 0, 0, 0, 0, 0, FRAME_END])

/** @throws EncodeError, and then nothing was written */
export function writeMethod<N extends MethodName>(
  writer: Writer,
  channel: number,
  name: N,
  args: Partial<Arguments<N>> = {},
): void {
  const start = begin(writer, FRAME_TYPES.method, channel)
  try {
    writeMethodPayload(writer, name, args)
  } catch (error) {
    writer.length = start
    throw error
  }
  end(writer, start)
}

/** @param properties decoded, or the raw bytes of a header that is passed on. @throws EncodeError, as above */
export function writeHeader(
  writer: Writer,
  channel: number,
  bodySize: number | bigint,
  properties: Properties | Uint8Array,
): void {
  const start = begin(writer, FRAME_TYPES.header, channel)
  try {
    writer.short(BASIC)
    writer.short(0)
    writer.longlong(bodySize)
    if (properties instanceof Uint8Array) writer.raw(properties)
    else writeProperties(writer, properties)
  } catch (error) {
    writer.length = start
    throw error
  }
  end(writer, start)
}

/** Writes as many body frames as `frameMax` (0: no limit) asks for; none for an empty body. */
export function writeBody(writer: Writer, channel: number, body: Uint8Array, frameMax = 0): void {
  const most = frameMax === 0 ? Math.max(body.length, 1) : frameMax - FRAME_OVERHEAD
  for (let from = 0; from < body.length; from += most) {
    const start = begin(writer, FRAME_TYPES.body, channel)
    writer.raw(body.subarray(from, from + most))
    end(writer, start)
  }
}

const scratch = new Writer()

/** One method frame as bytes of its own. @throws EncodeError */
export function encodeMethod<N extends MethodName>(channel: number, name: N, args: Partial<Arguments<N>> = {}): Buffer {
  scratch.length = 0
  writeMethod(scratch, channel, name, args)
  return scratch.flush()
}

/** The header frame and the body frames of a message, as bytes of their own. @throws EncodeError */
export function encodeContent(
  channel: number,
  properties: Properties | Uint8Array,
  body: Uint8Array,
  frameMax = 0,
): Buffer {
  scratch.length = 0
  writeHeader(scratch, channel, body.length, properties)
  writeBody(scratch, channel, body, frameMax)
  return scratch.flush()
}

function begin(writer: Writer, type: number, channel: number): number {
  const start = writer.room(7)
  writer.bytes.writeUInt8(type, start)
  writer.bytes.writeUInt16BE(channel, start + 1)
  return start
}

function end(writer: Writer, start: number): void {
  writer.patchLong(start + 3)
  writer.octet(FRAME_END)
}
