import { expect, test } from 'vitest'
import { Frames, frame, TCP } from '../../lab/sandbox/agent/frames.mjs'

test('frames come out as they went in, however the bytes are cut', () => {
  const payloads = ['', 'one', 'x'.repeat(70_000)].map((text) => Buffer.from(text))
  const bytes = Buffer.concat(payloads.map((payload, i) => frame(TCP, i, payload)))
  for (const size of [1, 7, 4096, bytes.length]) {
    const seen: [number, number, string][] = []
    const frames = new Frames()
    for (let at = 0; at < bytes.length; at += size)
      frames.push(bytes.subarray(at, at + size), (kind, number, payload) => seen.push([kind, number, String(payload)]))
    expect(seen).toEqual(payloads.map((payload, i) => [TCP, i, String(payload)]))
  }
})

test('a frame that is longer than any may be ends the line', () => {
  expect(() => new Frames().push(frame(TCP, 1, Buffer.alloc(5_000_000)), () => {})).toThrow('too long')
})
