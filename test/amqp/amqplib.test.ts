import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { decodeMethod } from '../../lab/amqp/arguments.ts'
import { encodeContent, encodeMethod } from '../../lab/amqp/frames.ts'
import { METHODS, type MethodName } from '../../lab/amqp/methods.ts'
import { type Frame, FrameParser } from '../../lab/amqp/parser.ts'
import { decodeHeader, decodeProperties, type Properties } from '../../lab/amqp/properties.ts'
import type { Table } from '../../lab/amqp/table.ts'

// amqplib's own codec, past its list of exports: an implementation that is not ours, to be compared with.
const defs = createRequire(import.meta.url)('../../node_modules/amqplib/lib/defs.js')

interface TheirMethod {
  id: number
  name: string
  args: { name: string; type: string }[]
}
const theirs: TheirMethod[] = Object.keys(defs)
  .filter((key) => key.startsWith('methodInfo'))
  .map((key) => defs[key])

const table: Table = {
  text: 'päivää',
  'connection.blocked': true,
  small: -3,
  middle: 300,
  large: 70_000,
  larger: -(2 ** 40),
  fraction: 0.5,
  nothing: null,
  bytes: Buffer.from([0, 255, 1]),
  list: [1, 'two', [false], { three: 3 }],
  nested: { deep: { deeper: 'x' } },
  unsigned: { '!': 'uint16', value: 40_000 },
  since: { '!': 'timestamp', value: 1_700_000_000 },
  price: { '!': 'decimal', value: { places: 2, digits: 995 } },
}

/** A value of the type that is none of the defaults; `seed` makes neighbours differ. */
function sample(type: string, seed: number): unknown {
  switch (type) {
    case 'bit':
      return seed % 2 === 0
    case 'octet':
      return 7 + seed
    case 'short':
      return 40_000 + seed
    case 'long':
      return 3_000_000_000 + seed
    case 'longlong':
    case 'timestamp':
      return 2 ** 40 + seed
    case 'shortstr':
      return `käärme ${seed}`
    case 'longstr':
      return `long ${seed} ${'ö'.repeat(300)}`
    default:
      return table
  }
}

const dashed = (name: string) => name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase()
const ours = (name: string) => dashed(name).replace('-', '.') as MethodName
const framesOf = (bytes: Buffer): Frame[] => {
  const frames: Frame[] = []
  new FrameParser().push(bytes, (frame) => frames.push(frame))
  return frames
}

test('the table has every method of amqplib, with the same arguments in the same order', () => {
  expect(theirs.map(({ name }) => ours(name)).sort()).toEqual(Object.keys(METHODS).sort())
  for (const { id, name, args } of theirs) {
    const method = METHODS[ours(name)]
    expect(method.classId * 0x10000 + method.methodId, name).toBe(id)
    expect(Object.entries(method.args), name).toEqual(
      args.map((arg) => [arg.name === 'nowait' ? 'noWait' : arg.name, arg.type]),
    )
  }
})

test.each(theirs)('$name is the same bytes from amqplib and from here, and reads the same', ({ id, name, args }) => {
  for (const shift of [0, 1]) {
    const values = args.map((arg, index) => [arg.name, sample(arg.type, index + shift)] as const)
    const asTheirs = values.map(([key, value], index) => [
      key,
      args[index]?.type === 'longstr' ? Buffer.from(value as string) : value,
    ])
    const asOurs = Object.fromEntries(values.map(([key, value]) => [key === 'nowait' ? 'noWait' : key, value]))
    const bytes: Buffer = defs.encodeMethod(id, 3, Object.fromEntries(asTheirs))

    expect(encodeMethod(3, ours(name), asOurs)).toEqual(Buffer.from(bytes))
    const [frame] = framesOf(bytes)
    expect(frame?.channel).toBe(3)
    const read = decodeMethod((frame as Frame).payload)
    expect(read.name).toBe(ours(name))
    expect(plainNumbers(read.args)).toEqual(plainNumbers(asOurs))

    const mine = encodeMethod(3, ours(name), asOurs)
    const back = defs.decode(id, mine.subarray(11, -1))
    for (const [key, value] of asTheirs) expect(plainNumbers(back[key as string])).toEqual(plainNumbers(value))
  }
})

/** Sized integers lose their size when read: { '!': 'uint16', value: 40000 } comes back as 40000, here and there. */
function plainNumbers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if ('!' in value && value['!'] === 'uint16') return (value as unknown as { value: number }).value
  if (Array.isArray(value)) return value.map(plainNumbers)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainNumbers(inner)]))
}

const everyProperty: Properties = {
  contentType: 'text/plain',
  contentEncoding: 'utf-8',
  headers: table,
  deliveryMode: 2,
  priority: 9,
  correlationId: 'c-1',
  replyTo: 'amq.rabbitmq.reply-to',
  expiration: '60000',
  messageId: 'm-ü',
  timestamp: 1_700_000_000,
  type: 'order.created',
  userId: 'lab',
  appId: 'cluster-up',
  clusterId: 'none',
}

test.each<[string, Properties]>([
  ['no property', {}],
  ['every property', everyProperty],
  ...Object.entries(everyProperty).map(([key, value]) => [key, { [key]: value }] as [string, Properties]),
])('a header with %s is the same bytes from amqplib and from here, and reads the same', (_title, properties) => {
  const bytes: Buffer = defs.encodeProperties(60, 5, 1_234, properties)
  const mine = encodeContent(5, properties, Buffer.alloc(1_234))
  expect(mine.subarray(0, bytes.length)).toEqual(Buffer.from(bytes))

  const header = decodeHeader((framesOf(bytes)[0] as Frame).payload)
  expect(header).toMatchObject({ classId: 60, bodySize: 1_234 })
  expect(plainNumbers(decodeProperties(header.rawProperties))).toEqual(plainNumbers(properties))
  // Undecoded properties can be sent on as they are.
  expect(encodeContent(5, header.rawProperties, Buffer.alloc(1_234))).toEqual(mine)
})
