import { isDeepStrictEqual } from 'node:util'
import { METHODS, type MethodName } from '../amqp/methods.ts'
import type { Side } from '../recording/recording.ts'

/** What may be in the 'method' of a frame event. */
export type FrameName = MethodName | 'header' | 'body' | 'heartbeat' | 'protocol-header' | 'undecoded'

/** Some of a frame's fields, or a question to all of them. */
export type FieldsMatch = Record<string, unknown> | ((fields: Record<string, unknown>) => boolean)

export function fieldsMatch(match: FieldsMatch | undefined, fields: Record<string, unknown>): boolean {
  if (match === undefined) return true
  if (typeof match === 'function') return match(fields)
  return Object.entries(match).every(([name, value]) => isDeepStrictEqual(fields[name], value))
}

/** Who sends frames of that name; more than one where either may. */
export function sendersOf(name: FrameName): Side[] {
  if (name === 'protocol-header') return ['student']
  const by = Object.hasOwn(METHODS, name) ? METHODS[name as MethodName].by : 'both'
  return by === 'client' ? ['student'] : by === 'server' ? ['broker'] : ['student', 'broker']
}

/** In words: "a basic.deliver from the broker (queue 'x')". */
export function frameInWords(name: FrameName, senders: Side[], match?: FieldsMatch): string {
  const article = /^[aeiou]/.test(name) ? 'an' : 'a'
  const [sender] = senders
  const from = senders.length > 1 ? '' : ` from ${sender === 'student' ? 'your service' : 'the broker'}`
  return `${article} ${name}${from}${matchInWords(match)}`
}

function matchInWords(match: FieldsMatch | undefined): string {
  if (match === undefined || typeof match === 'function') return ''
  const parts = Object.entries(match).map(([name, value]) => `${name} ${inWords(value)}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
}
