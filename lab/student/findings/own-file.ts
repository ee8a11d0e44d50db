import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import * as module from 'node:module'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Node, Program } from 'acorn'
import type { Launch } from '../launch.ts'
import { realPath } from '../real-path.ts'
import { isSource } from './source.ts'

/** Whose file it is that a finding is about. */
export type Own = Pick<Launch, 'exercise' | 'setting' | 'mayFork'>

const TEXT_LENGTH = 120
const MOST_FILES = 50

/** A file of the student's, read when something has gone wrong with it: parsing costs nothing where all goes well. */
export class OwnFile {
  readonly path: string
  /** As the student would name it: 'exercise.ts', 'lib/log.ts', '../04-ack-consumer/exercise.ts'. */
  readonly name: string
  readonly text: string
  /** Neither another encoding nor bytes of any other kind. */
  readonly isText: boolean
  readonly lines: string[]
  #parsed: Parsed | undefined

  constructor(path: string, own: Own) {
    this.path = path
    this.name = relative(dirname(realPath(own.exercise)), path)
      .split(sep)
      .join('/')
    const bytes = isOwnPath(path, own) && isSource(path) ? readFileSync(path) : Buffer.alloc(0)
    // What Node reads begins after the byte order mark, too.
    this.text = bytes.toString('utf8').replace(/^\uFEFF/, '')
    this.isText = isUtf8(bytes) && !bytes.includes(0)
    this.lines = this.text.split(/\r?\n/)
  }

  /** What Node runs of it. */
  get parsed(): Parsed {
    this.#parsed ??= parse(this.text)
    return this.#parsed
  }

  /** The nodes of the program; none where it can't be parsed. */
  nodes(into?: (node: Node) => boolean): Node[] {
    const { program } = this.parsed
    return program === undefined ? [] : nodesIn(program, into)
  }

  line(number: number): string {
    return (this.lines[number - 1] ?? '').trim().slice(0, TEXT_LENGTH)
  }

  /** 'exercise.ts:2', or just the name where the line is not known. */
  place(line: number | undefined): string {
    return line === undefined ? this.name : `${this.name}:${line}`
  }

  /** A line as evidence, with a mark below its column where that is known. */
  shown(line: number | undefined, column?: number, length = 1): string {
    if (line === undefined) return ''
    const whole = this.lines[line - 1] ?? ''
    const start = `  ${this.name}:${line}   `
    const text = `${start}${this.line(line)}`
    const at = column === undefined ? -1 : column - (whole.length - whole.trimStart().length)
    return at < 0 || at >= TEXT_LENGTH ? text : `${text}\n${' '.repeat(start.length + at)}${'^'.repeat(length)}`
  }

  /** The place as data, for a finding. */
  at(line: number | undefined): { at?: { file: string; line: number; text: string } } {
    return line === undefined ? {} : { at: { file: this.name, line, text: this.line(line) } }
  }

  /** What it imports and requires, in order. */
  get imports(): { specifier: string; line: number }[] {
    return this.nodes().flatMap((node) => {
      const {
        source,
        callee,
        arguments: [first] = [],
      } = node as Node & {
        source?: { value?: unknown } | null
        callee?: { name?: string }
        arguments?: { value?: unknown }[]
      }
      const value = callee?.name === 'require' ? first?.value : source?.value
      return typeof value === 'string' ? [{ specifier: value, line: lineOf(node) }] : []
    })
  }
}

interface Parsed {
  program?: Program
  error?: { message: string; line: number; column: number }
}

function parse(text: string): Parsed {
  let script: string
  try {
    script = module.stripTypeScriptTypes(text, { mode: 'strip' })
  } catch {
    return {}
  }
  // Only here: it takes a moment to load, and good exercises do without.
  const acorn = module.createRequire(import.meta.url)('acorn') as typeof import('acorn')
  try {
    return { program: acorn.parse(script, { ecmaVersion: 'latest', sourceType: 'module', locations: true }) }
  } catch (error) {
    const { message, loc } = error as { message: string; loc?: { line: number; column: number } }
    return loc === undefined ? {} : { error: { message: message.replace(/ \(\d+:\d+\)$/, ''), ...loc } }
  }
}

/** All nodes in the order of the text; of what `into` refuses, not what is in it. */
function nodesIn(program: Program, into: (node: Node) => boolean = () => true): Node[] {
  const found: Node[] = []
  const open: Node[] = [program]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    found.push(node)
    if (!into(node)) continue
    for (const child of Object.values(node).flat().reverse()) if (isNode(child)) open.push(child)
  }
  return found
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 1
}

/** The exercise itself. */
export function exerciseFile(own: Own): OwnFile {
  return new OwnFile(realPath(own.exercise), own)
}

/** The exercise, and the student's files that it imports. */
export function ownFiles(own: Own): OwnFile[] {
  const files = new Map<string, OwnFile>()
  const add = (path: string) => {
    if (files.has(path) || files.size === MOST_FILES) return
    const file = new OwnFile(path, own)
    files.set(path, file)
    for (const { specifier } of file.imports) {
      const target = specifier.startsWith('.') ? resolve(dirname(path), specifier) : undefined
      const found = target && [target, `${target}.ts`, target.replace(/js$/, 'ts'), `${target}.js`].find(isOwnSource)
      if (found) add(found)
    }
  }
  add(realPath(own.exercise))
  return [...files.values()]
}

function isOwnSource(path: string): boolean {
  return /\.[mc]?[tj]s$/.test(path) && isSource(path)
}

/** Errors come from a process that runs the student's code: what they name is read only where that code may read, too. */
export function isOwnPath(path: string, own: Own): boolean {
  const folders = [realPath(fileURLToPath(own.setting.tree)), dirname(realPath(own.exercise))]
  return folders.some((folder) => realPath(path).startsWith(folder.replace(/[\\/]?$/, sep)))
}

/** The path of a file: URL; undefined for anything else. */
export function pathOf(url: string): string | undefined {
  const parsed = URL.parse(url)
  return parsed?.protocol === 'file:' && parsed.host === '' ? fileURLToPath(parsed) : undefined
}

/** The innermost place of the student's own on a stack, or above it, where Node puts that of a syntax error. */
export function ownPlace(stack: string | undefined, own: Own): { file: OwnFile; line: number } | undefined {
  for (const text of (stack ?? '').split('\n')) {
    const [, place = '', line] =
      /^(?:\s+at (?:.*\()?|)((?:file:\/\/|\/|[A-Z]:\\).+?):(\d+)(?::\d+\)?)?$/.exec(text) ?? []
    if (line === undefined) continue
    const path = place.startsWith('file:') ? pathOf(place.replace(/[?#].*$/, '')) : place
    if (path === undefined) continue
    if (isOwnPath(path, own) && !path.includes(`${sep}node_modules${sep}`))
      return { file: new OwnFile(path, own), line: Number(line) }
  }
  return undefined
}
