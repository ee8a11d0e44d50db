import { parseArgs } from 'node:util'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { type Flag, type Options, usageError, type Valued, type Values } from './options.ts'

/** Does what was typed behind its name; resolves with the exit code. */
export type Command = (args: string[], io: Io) => Promise<number>

export interface CommandSpec<O extends Options> {
  /** How it is called, without its options: 'npm run check -- [LESSON ...]'. */
  usage: string
  /** What the usage can't say: what a LESSON is. */
  notes?: string
  options: O
  /** Whether it takes words besides its options. */
  takesWords?: boolean
  run(given: Given<O>, io: Io): Promise<number>
}

export interface Given<O extends Options> {
  values: Values<O>
  words: string[]
}

const COLUMNS = 110
const HELP = ['--help', 'show this help']

/**
 * A command line: options are read and checked before anything is done. What is mistyped rejects with a LabError 'usage'
 * that says what is wrong and which options there are; so does a `usageError` of `run`. --help prints the same, and what
 * each option does.
 */
export function command<O extends Options>(spec: CommandSpec<O>): Command {
  return async (args, io) => {
    try {
      const given = read(args, spec)
      if (given !== 'help') return await spec.run(given, io)
      io.stdout.write(helpOf(spec))
      return 0
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'usage' || error.advice !== undefined) throw error
      throw new LabError('usage', error.message, { advice: usageOf(spec), cause: error })
    }
  }
}

function read<O extends Options>(args: string[], { options, takesWords = false }: CommandSpec<O>): Given<O> | 'help' {
  const types = Object.entries(options).map(([name, { type }]) => [name, { type }] as const)
  // Not strict: what is wrong is told in the lab's own words.
  const { tokens } = parseArgs({ args, options: Object.fromEntries(types), strict: false, tokens: true })
  if (tokens.some((token) => token.kind === 'option' && /^(--help|-h)$/.test(token.rawName))) return 'help'
  const flags = types.flatMap(([name, { type }]) => (type === 'boolean' ? [[name, false] as const] : []))
  const values: Record<string, unknown> = Object.fromEntries(flags)
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'option') values[token.name] = readValue(token, options)
    if (token.kind === 'positional') words.push(token.value)
  }
  if (!takesWords && words[0] !== undefined) throw usageError(`Unexpected argument '${words[0]}'.`)
  return { values: values as Values<O>, words }
}

interface OptionToken {
  name: string
  rawName: string
  value: string | undefined
  inlineValue: boolean | undefined
}

function readValue({ name, rawName, value, inlineValue = false }: OptionToken, options: Options): unknown {
  const option = rawName === `--${name}` && Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) throw usageError(`There is no option '${rawName}'.`)
  if (option.type === 'boolean') {
    if (value !== undefined) throw usageError(`${rawName} takes no value.`)
    return true
  }
  // `--tree --json`: the value was forgotten.
  if (!value || (!inlineValue && value.startsWith('-'))) throw usageError(`${rawName} needs ${option.needs}.`)
  return option.read(value, rawName)
}

function usageOf({ usage, notes, options }: CommandSpec<Options>): string {
  const lines = [`Usage: ${usage}`]
  for (const option of Object.entries(options).map(([name, each]) => `[${spelled(name, each)}]`)) {
    const longer = `${lines.at(-1)} ${option}`
    if (longer.length <= COLUMNS) lines[lines.length - 1] = longer
    else lines.push(`       ${option}`)
  }
  return [...lines, ...(notes === undefined ? [] : [notes])].join('\n')
}

function helpOf(spec: CommandSpec<Options>): string {
  const rows = [...Object.entries(spec.options).map(([name, option]) => [spelled(name, option), option.help]), HELP]
  const width = Math.max(...rows.map(([option = '']) => option.length))
  const lines = rows.map(([option = '', help]) => `  ${option.padEnd(width)}  ${help}\n`)
  return `${usageOf(spec)}\n\n${lines.join('')}`
}

function spelled(name: string, option: Flag | Valued<unknown>): string {
  return option.type === 'boolean' ? `--${name}` : `--${name} ${option.value}`
}
