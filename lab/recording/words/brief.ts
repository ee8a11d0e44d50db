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

/** So many of them are told in a line. */
const MOST = 5

/** The fields that tell something, in brackets: ' (deliveryTag 1, redelivered)'. Empty where none does. */
export function brief(fields: object): string {
  const told = partsOf(fields).map(({ name, text, longest }) => [name, cut(text, longest)].filter(Boolean).join(' '))
  return told.length === 0 ? '' : ` (${told.slice(0, MOST).join(', ')})`
}

/** What brief() has no room for: the fields that it shortens, and those behind the first `most`, as they are. */
export function rest(fields: object, most = MOST): Pick<Part, 'name' | 'text'>[] {
  return partsOf(fields).filter(({ text, longest }, i) => i >= most || text.length > longest)
}

/** Somebody's words in quotes; of long ones the beginning. */
export function quoted(words: string): string {
  return `'${cut(words, LONGEST_WORDS)}'`
}

interface Part {
  name: string
  /** Empty where the name says it all. */
  text: string
  longest: number
}

function partsOf(fields: object): Part[] {
  return Object.entries(fields).flatMap(([name, value]): Part[] => {
    const longest = LONG.has(name) ? LONGEST_WORDS : LONGEST_VALUE
    if (value === false && TELLING.has(name)) return [{ name, text: 'false', longest }]
    if (QUIET.has(name) || value === '' || value === false || value === null || value === undefined) return []
    if (value === true) return [{ name, text: '', longest }]
    // The rest of a name that the broker made up tells nothing.
    const text = plain(value).replace(/\b(amq\.(?:ctag|gen)-.{4})[\w-]+/g, '$1…')
    return text === '{}' ? [] : [{ name, text, longest }]
  })
}

/** The beginning of a text, to the end of a word: what is left of a number would be another number. */
function cut(text: string, longest: number): string {
  if (text.length <= longest) return text
  // The last of them may be half a character.
  const begin = text.slice(0, longest - 1).replace(/\p{Cs}$/u, '')
  const isInWord = /[\p{L}\p{N}_]$/u.test(begin) && /^[\p{L}\p{N}_]/u.test(text.slice(begin.length))
  const whole = isInWord ? begin.replace(/[\p{L}\p{N}_]+$/u, '') : begin
  // A word that fills the line has to be cut.
  return `${whole.length > longest / 2 ? whole : begin}…`
}

/** An error is its message; anything else that is no plain value is JSON. */
function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return 'message' in value ? String(value.message) : JSON.stringify(value)
}
