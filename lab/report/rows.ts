import { ASKED } from '../recording/words/asked.ts'
import { brief, quoted, rest } from '../recording/words/brief.ts'
import { HELD } from '../recording/words/held.ts'
import { TOLD } from '../recording/words/told.ts'
import { sayOf } from '../recording/words/word.ts'
import { visibleBegin } from '../text/visible.ts'
import type { TraceRow } from './report.ts'

export function isFrame(row: TraceRow): boolean {
  return !/^(tcp|fault|process|ask|told|held|mark|awaited|finding|cut-off)\b/.test(row.method)
}

/** What happened, in a few words that can be printed as they are. */
export function said(row: TraceRow): string {
  return visibleBegin(wordsFor(row))
}

/** What there is no room for in said(): arguments that it shortens or leaves out, each with its name. */
export function unsaid(row: TraceRow): string[] {
  const { method, fields } = row
  const words = wordsFor(row)
  // What is no frame has a sentence of its own, which leaves out what it does not need.
  const told = isFrame(row) ? rest(fields) : rest(method.startsWith('ask.') ? askedFor(fields) : fields, Infinity)
  return told
    .filter(({ name, text }) => !words.includes(text === '' ? name : text))
    .map(({ name, text }) => visibleBegin(`${name} ${text}`).trimEnd())
}

function wordsFor(row: TraceRow): string {
  const [group = '', name = ''] = row.method.split(/\.(.*)/s)
  const { fields } = row
  switch (group) {
    case 'tcp':
      // One of several wires has a name: that of the node behind it.
      if (name === 'accepted' && fields.detail) return `opens a TCP connection to ${fields.detail}`
      return (
        { accepted: 'opens a TCP connection', ended: 'closes the TCP connection', reset: 'resets the TCP connection' }[
          name
        ] ?? "can't be reached"
      )
    case 'fault':
      return `switches the fault '${name}' ${fields.on ? 'on' : 'off'}`
    case 'process':
      return saidOfProcess(name, fields)
    case 'ask':
      return sayOf(ASKED, name, fields) ?? `asks for ${name}${brief(askedFor(fields))}`
    case 'told':
      return sayOf(TOLD, name, fields) ?? `${name}${brief(fields)}`
    case 'held':
      return sayOf(HELD, name, fields) ?? `${name}${brief(fields)}`
    case 'mark':
      return `notes: ${fields.name}`
    case 'awaited':
      return `has waited ${fields.waitedMs} ms in vain for ${fields.what}${howBusy(fields)}`
    case 'cut-off':
      return "cuts the scenario off: the check's time is up"
    case 'finding':
      return saidOfFinding(name, fields)
    case 'basic':
      return `${row.method}${brief(name === 'deliver' ? withoutTag(fields) : fields)}`
    default:
      return `${row.method}${brief(fields)}`
  }
}

/** Messages tell of limits; where the machine was busy the lab has waited for longer. */
function howBusy({ waitedMs, limitMs }: Record<string, unknown>): string {
  const isBusy = Number(waitedMs) > 1.5 * Number(limitMs)
  return isBusy ? ` (longer than the usual ${Number(limitMs) / 1000} s, because this machine is busy)` : ''
}

/** Each message that the broker sends has its consumer's tag: it tells the deliveries of a trace not apart. */
function withoutTag({ consumerTag: _, ...fields }: Record<string, unknown>): Record<string, unknown> {
  return fields
}

/** The ends of the student's process are sentences to the student; beside its lifeline they are events. */
function saidOfFinding(name: string, { sentence }: Record<string, unknown>): string {
  const text = String(sentence)
  if (name === 'exited')
    return text.replace(/^Your process/, 'the process').replace(/ while the lab.*$|, because an await.*$/, '')
  return text.replace(/^Your process /, 'the process ').replace(/ because nothing handled a rejected promise:/, ':')
}

function saidOfProcess(name: string, fields: Record<string, unknown>): string {
  if (name === 'stdout' || name === 'stderr') return `prints ${quoted(String(fields.text))}`
  if (name === 'exited') return `ends with ${fields.signal ? `signal ${fields.signal}` : `exit code ${fields.code}`}`
  if (name === 'signalled') return `sends ${fields.signal}`
  return name === 'loaded' ? 'has loaded the file' : name === 'started' ? 'starts' : name
}

function askedFor(fields: Record<string, unknown>): Record<string, unknown> {
  const { args } = fields
  if (typeof args !== 'object' || args === null) return fields
  const { url: _, urls: __, ...rest } = args as Record<string, unknown>
  return rest
}
