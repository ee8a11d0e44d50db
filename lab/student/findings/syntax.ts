import type { ErrorSeen } from '../../recording/error-seen.ts'
import { detail, type Finding } from './finding.ts'
import { type Own, type OwnFile, ownFiles, ownPlace } from './own-file.ts'

/** Where the syntax is wrong, and a mark below it. */
interface Place {
  file: OwnFile
  line: number
  column?: number | undefined
  length?: number | undefined
}

/** TypeScript that does more than name types, by what Node says: what it is called, and what to write instead. */
const NOT_ERASABLE: { said: RegExp; is: string; instead: (line: string) => string }[] = [
  {
    said: /enum/,
    is: 'an enum',
    instead: (line) => {
      const name = /enum\s+(\w+)/.exec(line)?.[1] ?? 'Name'
      return `Write an object, const ${name} = { … } as const, or a union of strings, type ${name} = 'a' | 'b'.`
    },
  },
  {
    said: /namespace|`module` keyword/,
    is: 'a namespace',
    instead: () => 'Write a plain object, or export its members separately.',
  },
  {
    said: /parameter property/,
    is: 'a parameter property',
    instead: () =>
      'Declare the field in the class, and assign it in the constructor: this.name = name. Remove private and readonly from the parameters.',
  },
  {
    said: /import equals/,
    is: 'import … =',
    instead: (line) => {
      const [, name, from] = /import\s+(\w+)\s*=\s*require\(\s*['"](.+?)['"]/.exec(line) ?? []
      return from === undefined ? 'Write const … = …, or import what you need.' : `Write: import ${name} from '${from}'`
    },
  },
  {
    said: /export assignment/,
    is: 'export =',
    instead: (line) => `Write: export { ${/=\s*(\w+)/.exec(line)?.[1] ?? '…'} }`,
  },
  {
    said: /angle-bracket/,
    is: 'a type in angle brackets',
    instead: (line) => {
      const [, type = 'Type', value = 'value'] = /<([\w.[\]]+)>\s*([\w.]+)/.exec(line) ?? []
      // Without it, the line would be the arguments of a call that begins on the line before.
      return `Write: ${line.startsWith('(') ? ';' : ''}(${value} as ${type})`
    },
  },
]

/** By the line: of these Node only says that it did not expect them. */
const NOT_JAVASCRIPT: {
  isIn: (line: string, file: OwnFile) => boolean
  is: string
  instead: (line: string) => string
}[] = [
  {
    isIn: (line) => /^(export\s+)?@[\w.]+|[(,]\s*@\w+\(/.test(line),
    is: 'a decorator',
    instead: (line) => `Remove ${/@[\w.]+/.exec(line)?.[0] ?? 'it'}, and call the decorator's function yourself.`,
  },
  {
    isIn: (line) => /^(static\s+)?accessor\s/.test(line),
    is: 'accessor',
    instead: () => 'Write an ordinary field, or get and set.',
  },
  {
    isIn: (line, { text }) => {
      const [, tag] = /<(\w*)[^<>]*>/.exec(line) ?? []
      return /<\/\w*>|<\w[^<>]*\/>/.test(line) || (tag !== undefined && text.includes(`</${tag}>`))
    },
    is: 'JSX',
    instead: () => 'An exercise does not need it: write a string.',
  },
  {
    isIn: (line) => /(^|[(=,:?&|!>[{]\s*|\breturn\s+)<[\w.[\]]+>\s*[\w([{]/.test(line),
    is: 'a type in angle brackets',
    instead: () => 'Write the type after the value: (value as Type). For a parameter: (error: Error) => …',
  },
]

/** Errors of other spellings, by what is said of them or stands in the line. */
const ADVICE: { said?: RegExp; line?: RegExp; advice: string }[] = [
  {
    said: /conflict marker/i,
    advice: 'git left a merge conflict here: keep one of the two sides, and remove the lines with <, = and >.',
  },
  { line: /[“”‘’„]/, advice: `Those are typographic quotes. Write ' or ".` },
  { said: /await isn't allowed|await is only valid/, advice: 'Put async before the function that contains it.' },
  {
    said: /(got|token) [`']<eof>|Unexpected end|Unterminated/i,
    advice: 'A bracket, a quote or a comment is not closed, here or further up.',
  },
  { said: /already been declared|redefined/i, advice: 'Rename one of the two.' },
]

/** Explains what could not be read as a program at all. */
export function syntaxError(error: ErrorSeen, own: Own): Finding | undefined {
  if (!isOfFile(error)) return undefined
  const place = marked(error, own) ?? unreadable(own) ?? parsed(own)
  if (place === undefined) {
    return { id: 'syntax-error', sentence: `Your file has a syntax error: ${ended(error.message)}` }
  }
  const { file, line, column, length } = place
  const text = file.line(line)
  const common = { ...file.at(line) }
  const shown = file.shown(line, column, length)
  if (!file.isText) {
    return {
      id: 'syntax-error',
      sentence: `${file.name} is not UTF-8 text, so Node can't read it as a program.`,
      detail: 'Save it as UTF-8: your editor shows which encoding it uses.',
    }
  }
  const unsupported =
    error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
      ? NOT_ERASABLE.find(({ said }) => said.test(error.message))
      : NOT_JAVASCRIPT.find(({ isIn }) => isIn(text, file))
  if (unsupported) {
    return {
      id: 'unsupported-syntax',
      sentence: `${file.place(line)} uses ${unsupported.is}. Node can't run that: it strips the types from TypeScript, and runs what is left.`,
      detail: detail(shown, unsupported.instead(text)),
      ...common,
    }
  }
  if (error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return {
      id: 'unsupported-syntax',
      sentence: `${file.place(line)} uses TypeScript that Node can't run: ${ended(error.message)}`,
      detail: detail(
        shown,
        'Node strips the types from TypeScript, and runs what is left. Write it as plain JavaScript.',
      ),
      ...common,
    }
  }
  const advice = ADVICE.find(({ said, line }) => said?.test(error.message) || line?.test(text))?.advice
  return {
    id: 'syntax-error',
    sentence: `${file.place(line)} has a syntax error: ${ended(words(error.message))}`,
    detail: detail(shown, advice),
    ...common,
  }
}

/** JSON.parse(), RegExp and eval() throw the same class: their stacks begin with them, or in the student's code. */
function isOfFile({ name, code, stack = '' }: ErrorSeen): boolean {
  if (/^ERR_(UNSUPPORTED|INVALID)_TYPESCRIPT_SYNTAX$/.test(String(code))) return true
  const first = stack.split('\n').find((line) => /^\s+at /.test(line)) ?? ''
  return name === 'SyntaxError' && (first === '' || first.includes('node:'))
}

/** Where Node has marked it, above the stack. */
function marked({ stack = '' }: ErrorSeen, own: Own): Place | undefined {
  const [first = ''] = stack.split('\n')
  if (/^\s+at /.test(first)) return undefined
  const place = ownPlace(first, own)
  if (place === undefined) return undefined
  const lines = stack.split('\n')
  const at = lines.findIndex((line) => /^\s*\^+$/.test(line))
  const [caret = '', above = ''] = [lines[at], lines[at - 1]]
  // Node may shift the lines that it shows.
  const whole = place.file.lines[place.line - 1] ?? ''
  const shift = above.length - above.trimStart().length - (whole.length - whole.trimStart().length)
  const isLine = at > 0 && above.trim() === whole.trim()
  return isLine ? { ...place, column: caret.indexOf('^') - shift, length: caret.trim().length } : place
}

/** A file that is no text: nothing that can be said of a line would help. */
function unreadable(own: Own): Place | undefined {
  const file = ownFiles(own).find(({ isText }) => !isText)
  return file && { file, line: 1 }
}

/** Node does not say where: the first of the student's files that can't be parsed has it. */
function parsed(own: Own): Place | undefined {
  for (const file of ownFiles(own)) {
    const { error } = file.parsed
    if (error !== undefined) return { file, line: error.line, column: error.column }
  }
  return undefined
}

/** Names of tokens, as a reader would say them. */
function words(message: string): string {
  return message.replaceAll(/[`']?<eof>[`']?/g, 'the end of the file').replaceAll(/[`']ident[`']/g, 'a name')
}

function ended(message: string): string {
  const [first = ''] = message.split('\n')
  return /[.!?]$/.test(first) ? first : `${first}.`
}
