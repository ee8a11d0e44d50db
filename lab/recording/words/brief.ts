/** Fields that say nothing to a reader in a line of a trace. */
const QUIET = new Set([
  'reserved1',
  'reserved2',
  'reserved3',
  'ticket',
  'capabilities',
  'insist',
  'outOfBand',
  'classId',
  'methodId',
  'versionMajor',
  'versionMinor',
  'serverProperties',
  'locales',
  'locale',
  // User and password; where they are refused, the broker says so.
  'response',
])
/** Fields whose 'false' is the evidence itself. */
const TELLING = new Set(['requeue', 'durable'])
/** Somebody's words: the evidence is often at their end. */
const LONG = new Set(['replyText', 'error', 'message', 'value'])
const LONGEST_WORDS = 200
const LONGEST_VALUE = 40

/** The fields that tell something, in brackets: ' (deliveryTag 1, redelivered)'. Empty where none does. */
export function brief(fields: object): string {
  const said = Object.entries(fields).flatMap(([name, value]) => {
    if (value === false && TELLING.has(name)) return [`${name} false`]
    if (QUIET.has(name) || value === '' || value === false || value === null || value === undefined) return []
    if (value === true) return [name]
    // The rest of a name that the broker made up tells nothing.
    const text = plain(value).replace(/\b(amq\.(?:ctag|gen)-.{4})[\w-]+/g, '$1…')
    const longest = LONG.has(name) ? LONGEST_WORDS : LONGEST_VALUE
    return text === '{}' ? [] : [`${name} ${text.length > longest ? `${text.slice(0, longest - 1)}…` : text}`]
  })
  return said.length === 0 ? '' : ` (${said.slice(0, 5).join(', ')})`
}

/** An error is its message; anything else that is no plain value is JSON. */
function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return 'message' in value ? String(value.message) : JSON.stringify(value)
}
