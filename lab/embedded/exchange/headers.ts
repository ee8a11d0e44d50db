import { Reader } from '../../amqp/bytes.ts'
import { readTable, type TableValue } from '../../amqp/table.ts'
import { binary, plain, typeOf } from '../erlang.ts'
import { ChannelError, invalidMatch } from '../errors.ts'
import { FLAGS, fieldsOf, locate } from '../message/raw-table.ts'
import type { Binding } from './binding.ts'
import type { Kind, Routed } from './kind.ts'

/** What a binding asks of a message's headers. */
interface Wanted {
  any: boolean
  /** By name, in the form of `comparable`; undefined where any value will do. */
  values: Map<string, string | undefined>
}

/** By headers: all, or any, that the binding has among its arguments. */
export class Headers implements Kind {
  readonly #wanted = new Map<Binding, Wanted>()

  check({ arguments: args }: Binding): void {
    const match = args['x-match']
    if (match === undefined || (typeof match === 'string' && /^(all|any)(-with-x)?$/.test(match))) return
    if (typeof match === 'string') throw invalidMatch(binary(Buffer.from(match)))
    throw new ChannelError(406, `Invalid x-match field type ${typeOf(match)} (value ${plain(match)}); expected longstr`)
  }

  add(binding: Binding): void {
    const match = String(binding.arguments['x-match'] ?? 'all')
    const values = new Map<string, string | undefined>()
    for (const [name, value] of Object.entries(binding.arguments)) {
      if (value === undefined || name === 'x-match') continue
      if (name.startsWith('x-') && !match.endsWith('-with-x')) continue
      values.set(name, value === null ? undefined : comparable(value))
    }
    this.#wanted.set(binding, { any: match.startsWith('any'), values })
  }

  remove(binding: Binding): void {
    this.#wanted.delete(binding)
  }

  match({ rawProperties }: Routed, found: (binding: Binding) => void): void {
    if (this.#wanted.size === 0) return
    const headers = comparableHeaders(rawProperties)
    for (const [binding, { any, values }] of this.#wanted) {
      const fits = ([name, value]: [string, string | undefined]) =>
        value === undefined ? headers.has(name) : headers.get(name) === value
      if (any ? [...values].some(fits) : [...values].every(fits)) found(binding)
    }
  }
}

function comparableHeaders(raw: Buffer): Map<string, string> {
  const headers = new Map<string, string>()
  const place = locate(raw, FLAGS.headers)
  if (place === undefined) return headers
  const bytes = raw.subarray(place.from, place.to)
  const decoded = readTable(new Reader(bytes))
  for (const { key, value: at } of fieldsOf(bytes)) {
    const value = decoded[key]
    if (value !== undefined) headers.set(key, comparable(value, 'fd'.includes(String.fromCharCode(bytes[at] ?? 0))))
  }
  return headers
}

/** Integers of all sizes are alike, and so are floats; an integer and a float are not. */
function comparable(value: TableValue, isFloat = typeof value === 'number' && !Number.isInteger(value)): string {
  if (typeof value === 'bigint') return `number ${value}`
  if (typeof value === 'number') return `${isFloat ? 'float' : 'number'} ${value}`
  return `${typeOf(value)} ${JSON.stringify(value)}`
}
