import { expect, test } from 'vitest'
import { decodeMethod } from '../../lab/amqp/arguments.ts'
import { DecodeError, EncodeError, Reader, Writer } from '../../lab/amqp/bytes.ts'
import { encodeMethod, writeMethod } from '../../lab/amqp/frames.ts'
import { toPlain } from '../../lab/amqp/plain.ts'
import { decodeProperties } from '../../lab/amqp/properties.ts'
import { readTable, type TableValue, writeTable } from '../../lab/amqp/table.ts'

function roundTrip(value: TableValue): unknown {
  const writer = new Writer()
  writeTable(writer, { value })
  return readTable(new Reader(writer.flush())).value
}

test.each<[string, TableValue, unknown]>([
  ['b', { '!': 'int8', value: -128 }, -128],
  ['B', { '!': 'uint8', value: 255 }, 255],
  ['s', { '!': 'int16', value: -32_768 }, -32_768],
  ['u', { '!': 'uint16', value: 65_535 }, 65_535],
  ['I', { '!': 'int32', value: -(2 ** 31) }, -(2 ** 31)],
  ['i', { '!': 'uint32', value: 2 ** 32 - 1 }, 2 ** 32 - 1],
  ['l', { '!': 'int64', value: -(2 ** 52) }, -(2 ** 52)],
  ['l that no number can hold', -(2n ** 63n), -(2n ** 63n)],
  ['f', { '!': 'float', value: 1.5 }, 1.5],
  ['d', 0.1, 0.1],
  ['d for what is not finite', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ['D', { '!': 'decimal', value: { places: 1, digits: 15 } }, { '!': 'decimal', value: { places: 1, digits: 15 } }],
  ['T', { '!': 'timestamp', value: 5 }, { '!': 'timestamp', value: 5 }],
  ['S that is not UTF-8', { '!': 'longstr', value: Buffer.of(255) }, { '!': 'longstr', value: Buffer.of(255) }],
  ['V', null, null],
  ['t', false, false],
  ['x', Buffer.of(1, 2), Buffer.of(1, 2)],
  ['A', [1, [2, null]], [1, [2, null]]],
  ['F', { a: { b: 'c' } }, { a: { b: 'c' } }],
])('a table keeps a value of type %s', (_title, value, expected) => {
  expect(roundTrip(value)).toEqual(expected)
})

test("a key '__proto__' is a key like any other", () => {
  const writer = new Writer()
  writeTable(writer, JSON.parse('{"__proto__": {"x": 1}}'))
  const table = readTable(new Reader(writer.flush()))
  expect(Object.keys(table)).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(table)).toBe(Object.prototype)
  expect(JSON.stringify(toPlain(table))).toBe('{"__proto__":{"x":1}}')
})

test('a delivery tag is a number while it is safe, and a decimal string in plain data when it is not', () => {
  const tag = (deliveryTag: bigint) => {
    const { args } = decodeMethod(encodeMethod(1, 'basic.ack', { deliveryTag }).subarray(7, -1))
    return toPlain((args as { deliveryTag: unknown }).deliveryTag)
  }
  expect(tag(5n)).toBe(5)
  expect(tag(2n ** 53n - 1n)).toBe(2 ** 53 - 1)
  expect(tag(2n ** 64n - 1n)).toBe('18446744073709551615')
})

test('a SASL response is text, with its zero bytes; bytes that are no text stay bytes', () => {
  const response = (value: string | Buffer) => {
    const { args } = decodeMethod(encodeMethod(0, 'connection.start-ok', { response: value }).subarray(7, -1))
    return toPlain((args as { response: unknown }).response)
  }
  expect(response('\0guest\0geheim')).toBe('\0guest\0geheim')
  expect(response(Buffer.of(0xc3))).toEqual({ hex: 'c3' })
})

test('plain data has bytes as hex, and no number that JSON has no form for', () => {
  const plain = toPlain({ bytes: Buffer.of(1, 255), list: [2n ** 60n], odd: Number.NaN })
  expect(plain).toEqual({ bytes: { hex: '01ff' }, list: ['1152921504606846976'], odd: 'NaN' })
})

test.each([
  ['an unknown method', Buffer.of(0, 60, 0, 99)],
  ['arguments that end too soon', Buffer.of(0, 60, 0, 80, 0, 0)],
  ['a short string longer than the frame', Buffer.of(0, 60, 0, 21, 200, 65)],
  ['a table longer than the frame', Buffer.of(0, 10, 0, 11, 255, 255, 255, 255)],
])('%s is a DecodeError', (_title, payload) => {
  expect(() => decodeMethod(payload)).toThrow(DecodeError)
})

test('tables nested without end, and unknown properties, are a DecodeError', () => {
  let nested: TableValue = {}
  for (let depth = 0; depth < 200; depth++) nested = { nested }
  expect(() => roundTrip(nested)).toThrow(DecodeError)
  expect(() => decodeProperties(Buffer.of(0, 1))).toThrow(DecodeError)
})

test('what has no form is an EncodeError, and leaves nothing half written', () => {
  const writer = new Writer()
  writeMethod(writer, 1, 'tx.select')
  const before = writer.length
  expect(() => writeMethod(writer, 1, 'queue.delete', { queue: 'ä'.repeat(128) })).toThrow(EncodeError)
  expect(writer.length).toBe(before)
  // @ts-expect-error: there is no such method
  expect(() => encodeMethod(1, 'queue.explode')).toThrow(EncodeError)
})
