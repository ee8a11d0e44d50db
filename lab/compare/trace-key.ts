import type { TraceRow } from '../report/report.ts'

/** Fields that differ from run to run, or that the libraries say of themselves. */
const CHANCE =
  /^(ms|at|pid|port|url|virtualHost|stack|mechanisms?|locales?|response|serverProperties|channelMax|frameMax|classId|methodId|reserved\d|ticket|connections?)$|Ms$|At$/
const LONGEST = 500

/** What a row says, without times and what chance made up: rows with one key are alike. */
export function keyOf({ from, method, fields }: TraceRow): string {
  return `${from} ${method} ${JSON.stringify(settled(fields)).slice(0, LONGEST)}`
}

function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled)
  if (typeof value === 'string') return withoutChance(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name, each]) => !CHANCE.test(name) && each !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, settled(each)]))
}

/** Ports, names that the broker made up, and lengths of time. */
function withoutChance(text: string): string {
  return text
    .replace(/\bamq\.(ctag|gen)-[\w-]+/g, 'amq.$1')
    .replace(/(localhost|\d+\.\d+\.\d+\.\d+|\]):\d+/g, '$1:port')
    .replace(/vhost '[^']*'/g, 'vhost')
    .replace(/\b\d+(\.\d+)? ?m?s\b/g, 'a while')
}
