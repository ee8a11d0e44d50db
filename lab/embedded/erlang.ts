import type { TableValue, Typed } from '../amqp/table.ts'

/** How RabbitMQ shows values in its reply texts: as Erlang terms. */

const MOST_BYTES = 300

/** `<<"text">>` where all of it is printable, `<<0,20,0,10>>` where not. Only the beginning of long ones: reply texts are short. */
export function binary(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, MOST_BYTES)
  const printable =
    shown.length > 0 && shown.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10)
  if (!printable) return `<<${shown.join(',')}>>`
  return `<<${JSON.stringify(Buffer.from(shown).toString('latin1'))}>>`
}

export function frame(type: number, payload: Uint8Array): string {
  return `type ${type}, all octets = ${binary(payload)}`
}

/** The longest term that stands on one line in `failed to deliver message: {not_found,...}`. */
const LONGEST_LINE = 51

/** Broken into two lines where it is long: RabbitMQ breaks very long ones further. */
export function missingQueue(queue: string, vhost: string): string {
  const resource = `{resource,${binary(Buffer.from(vhost))},queue,${binary(Buffer.from(queue))}}`
  const term = `{not_found,${resource}}`
  return term.length <= LONGEST_LINE ? term : `{not_found,\n${' '.repeat(31)}${resource}}`
}

/** RabbitMQ's name of an argument's type: 'longstr', 'bool', 'byte', 'short', 'signedint', ... */
export function typeOf(value: TableValue): string {
  switch (typeof value) {
    case 'string':
      return 'longstr'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'long'
    case 'number':
      return typeOfNumber(value)
  }
  if (value === null) return 'void'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Uint8Array) return 'binary'
  return isTyped(value) ? (value['!'] === 'longstr' ? 'longstr' : value['!']) : 'table'
}

/** Which type it came as is lost when a table is decoded: the shortest that holds it is what clients send. */
function typeOfNumber(value: number): string {
  if (!Number.isInteger(value)) return 'double'
  if (value >= -0x80 && value < 0x80) return 'byte'
  if (value >= -0x8000 && value < 0x8000) return 'short'
  if (value >= -0x8000_0000 && value < 0x8000_0000) return 'signedint'
  return 'long'
}

export function isTyped(value: unknown): value is Typed {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '!')
}

/** A value as it stands in `received '1' but current is '2'`. */
export function plain(value: TableValue): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return String(value)
}
