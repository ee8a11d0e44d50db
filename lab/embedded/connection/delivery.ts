import type { Writer } from '../../amqp/bytes.ts'
import { FRAME_END, FRAME_OVERHEAD, FRAME_TYPES, writeBody } from '../../amqp/frames.ts'
import type { Table } from '../../amqp/table.ts'
import { changed } from '../message/raw-table.ts'
import type { Entry } from '../queue/entry.ts'

const DELIVER = 0x003c_003c
const HEAD = 7
const BASIC = 60

/** A content header and its body. */
export function writeMessage(
  writer: Writer,
  channel: number,
  properties: Buffer,
  body: Buffer,
  frameMax: number,
): void {
  const size = 12 + properties.length
  const at = writer.room(HEAD + size + 1)
  const { bytes } = writer
  bytes[at] = FRAME_TYPES.header
  bytes.writeUInt16BE(channel, at + 1)
  bytes.writeUInt32BE(size, at + 3)
  bytes.writeUInt16BE(BASIC, at + HEAD)
  bytes.writeUInt16BE(0, at + HEAD + 2)
  bytes.writeUInt32BE(0, at + HEAD + 4)
  bytes.writeUInt32BE(body.length, at + HEAD + 8)
  bytes.set(properties, at + HEAD + 12)
  bytes[at + HEAD + size] = FRAME_END
  if (body.length === 0) return
  if (body.length > frameMax - FRAME_OVERHEAD) {
    writeBody(writer, channel, body, frameMax)
    return
  }
  const from = writer.room(body.length + FRAME_OVERHEAD)
  const { bytes: all } = writer
  all[from] = FRAME_TYPES.body
  all.writeUInt16BE(channel, from + 1)
  all.writeUInt32BE(body.length, from + 3)
  all.set(body, from + HEAD)
  all[from + HEAD + body.length] = FRAME_END
}

/** basic.deliver with its content: written by hand, as it is what a broker does most. */
export function writeDelivery(
  writer: Writer,
  channel: number,
  consumerTag: string,
  deliveryTag: number,
  entry: Entry,
  isQuorum: boolean,
  frameMax: number,
): void {
  const { message, redelivered } = entry
  const start = writer.room(HEAD)
  writer.bytes[start] = FRAME_TYPES.method
  writer.bytes.writeUInt16BE(channel, start + 1)
  writer.long(DELIVER)
  writer.shortstr(consumerTag)
  const at = writer.room(9)
  writer.bytes.writeUInt32BE(Math.floor(deliveryTag / 0x1_0000_0000), at)
  writer.bytes.writeUInt32BE(deliveryTag >>> 0, at + 4)
  writer.bytes[at + 8] = redelivered ? 1 : 0
  writer.shortstr(message.exchange)
  writer.shortstr(message.routingKey)
  writer.patchLong(start + 3)
  writer.octet(FRAME_END)
  writeMessage(writer, channel, propertiesFor(entry, isQuorum), message.body, frameMax)
}

/** A quorum queue tells how often a message came back, and how often somebody failed with it. */
export function propertiesFor({ message, returns, failures }: Entry, isQuorum: boolean): Buffer {
  const acquired = returns || failures
  if (!isQuorum || acquired === 0) return message.rawProperties
  const headers: Table = { 'x-acquired-count': { '!': 'long', value: acquired } }
  if (failures > 0) headers['x-delivery-count'] = { '!': 'long', value: failures }
  return changed(message.rawProperties, { headers })
}
