import type { MethodName } from '../../lab/amqp/methods.ts'
import type { Properties } from '../../lab/amqp/properties.ts'

/** What a server sent: a method, with its content where it has one, or a heartbeat. */
export interface Heard {
  name: MethodName | 'heartbeat' | 'protocol-header' | 'undecodable'
  args: Record<string, unknown>
  content?: { properties: Properties; rawProperties: Buffer; body: Buffer; bodyFrames: number }
}

const LONGEST_BODY = 100

/** A frame as a line of an observation: `basic.deliver(consumerTag: 'c', ...) {deliveryMode: 2} 'body'`. */
export function describe({ name, args, content }: Heard): string {
  const fields = Object.entries(args).map(([key, value]) => `${key}: ${show(value, key)}`)
  const method = `${name}(${fields.join(', ')})`
  if (content === undefined) return method
  const { properties, body, bodyFrames } = content
  const text =
    body.length > LONGEST_BODY ? `<${body.length} bytes in ${bodyFrames} frames>` : show(body.toString('utf8'), 'body')
  return `${method} ${show(properties, 'properties')} ${text}`
}

/** Who the server is, and by which mechanisms one may log in: plugins and series differ, and PLAIN is all that clients use. */
const OF_THE_SERVER = new Set([
  'product',
  'version',
  'platform',
  'copyright',
  'information',
  'cluster_name',
  'node',
  'mechanisms',
])

function show(value: unknown, key: string): string {
  if (OF_THE_SERVER.has(key) && typeof value === 'string') return `<${key}>`
  // When a message died, in x-death.
  if (key === 'time' && isTyped(value)) return '<time>'
  if (typeof value === 'string') return `'${value.replaceAll('\0', '\\0')}'`
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`
  if (Array.isArray(value)) return `[${value.map((each) => show(each, '')).join(', ')}]`
  if (isTyped(value)) return `${value['!']} ${show(value.value, '')}`
  if (typeof value === 'object' && value !== null) {
    // The order of a table's fields means nothing.
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${fields.map(([name, each]) => `${name}: ${show(each, name)}`).join(', ')}}`
  }
  return String(value)
}

function isTyped(value: unknown): value is { '!': string; value: unknown } {
  return typeof value === 'object' && value !== null && '!' in value
}
