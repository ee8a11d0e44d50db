import { expect, test } from 'vitest'
import { encodeContent, encodeMethod, HEARTBEAT, PROTOCOL_HEADER } from '../../lab/amqp/frames.ts'
import { type Frame, FrameParser } from '../../lab/amqp/parser.ts'

const stream = Buffer.concat([
  PROTOCOL_HEADER,
  encodeMethod(0, 'connection.open', { virtualHost: '/' }),
  HEARTBEAT,
  encodeContent(7, { deliveryMode: 2 }, Buffer.alloc(300_000, 'x'), 131_072),
])
const KINDS = ['protocol-header', 'method', 'heartbeat', 'header', 'body', 'body', 'body']

function parse(chunks: Buffer[], parser = new FrameParser()): Frame[] {
  const frames: Frame[] = []
  for (const chunk of chunks) parser.push(chunk, (frame) => frames.push(frame))
  return frames
}
function cut(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let from = 0; from < bytes.length; from += size) chunks.push(bytes.subarray(from, from + size))
  return chunks
}

test.each([1, 2, 7, 8, 9, 1_000, 65_536, stream.length])('chunks of %i bytes give the same frames', (size) => {
  const frames = parse(cut(stream, size))
  expect(frames.map(({ kind }) => kind)).toEqual(KINDS)
  expect(frames.map(({ channel }) => channel)).toEqual([0, 0, 0, 7, 7, 7, 7])
  expect(Buffer.concat(frames.map(({ bytes }) => bytes)).equals(stream)).toBe(true)
})

test('a stream may begin without a protocol header: the broker sends none', () => {
  expect(parse([encodeMethod(0, 'connection.start')]).map(({ kind }) => kind)).toEqual(['method'])
})

test.each([
  ['a frame type that does not exist', Buffer.from([9, 0, 0, 0, 0, 0, 0, 0xce]), /type 9/],
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /type 71/],
  ['a protocol header in the middle', Buffer.concat([HEARTBEAT, PROTOCOL_HEADER]), /type 65/],
  ['a wrong protocol header', Buffer.from('ABBA0091'), /neither/],
  ['a frame with another end', Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xcf]), /CE/],
  ['a frame that is too large', encodeContent(1, {}, Buffer.alloc(5_000)), /at most 4096/],
])('%s makes the rest undecodable, and does not throw', (_title, bytes, reason) => {
  for (const size of [1, 3, bytes.length]) {
    const parser = new FrameParser({ frameMax: 4_096 })
    const frames = parse([...cut(bytes, size), HEARTBEAT], parser)
    expect(frames.at(-1)?.kind).toBe('undecodable')
    expect(frames.at(-1)?.reason).toMatch(reason)
    expect(parser.broken).toMatch(reason)
    // Whatever it is, not a byte is lost: it can be forwarded as it came.
    expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(Buffer.concat([bytes, HEARTBEAT]))).toBe(true)
  }
})

test('the end of the stream in the middle of a frame is told', () => {
  const parser = new FrameParser()
  const frames = parse([stream.subarray(0, 12)], parser)
  expect(parser.pendingSize).toBe(4)
  expect(parser.pending()).toEqual(stream.subarray(8, 12))
  parser.end((frame) => frames.push(frame))
  expect(frames.map(({ kind }) => kind)).toEqual(['protocol-header', 'undecodable'])
})
