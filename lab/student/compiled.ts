import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { type Compiled, type CompiledFile, WRAPPER } from './amqplib.ts'
import { cached } from './cached.ts'
import type { Setting } from './protocol.ts'

/** Compiles amqplib for the students' processes; amqplib.ts loads it there. @returns the path of the file */
export function compiledAmqplib(setting: Setting): Promise<string> {
  const main = createRequire(`${setting.lab}lab.ts`).resolve('amqplib')
  const files = withRequired(main)
  // V8 takes no code that was compiled by another version of it, or under other flags.
  const of = [cachedDataVersionTag(), main, ...files.values()]
  return cached(setting, { of, ending: 'compiled', make: () => compile(main, files), isWhole })
}

async function compile(main: string, files: Map<string, Source>): Promise<Buffer> {
  const exported = Object.keys((await import(pathToFileURL(main).href)) as object)
  const names = exported.filter((name) => /^\w+$/.test(name) && name !== 'default')
  const heads: CompiledFile[] = []
  const parts: Uint8Array[] = []
  for (const [path, { text, requires }] of files) {
    const wrapped = WRAPPER.join(path.endsWith('.json') ? `module.exports = ${text}` : text)
    const [source, code] = [Buffer.from(wrapped), codeOf(wrapped, path)]
    heads.push({ path, requires, sourceBytes: source.length, codeBytes: code.length })
    parts.push(source, code)
  }
  const body = Buffer.concat(parts)
  const head: Compiled = { main, names, files: heads, sha256: sha256(body) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body])
}

/** V8 does not look at every byte of the code that it is given. */
function isWhole(content: Buffer): boolean {
  const end = content.indexOf('\n')
  try {
    const { sha256: wanted } = JSON.parse(content.toString('utf8', 0, end)) as Compiled
    return sha256(content.subarray(end + 1)) === wanted
  } catch {
    return false
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

interface Source {
  text: string
  requires: Record<string, string>
}

/** A CommonJS file, and all of its own package that it asks for. */
function withRequired(main: string): Map<string, Source> {
  const found = new Set([main])
  const sources = new Map<string, Source>()
  // A set that grows while it is walked is walked to its end.
  for (const path of found) {
    const text = readFileSync(path, 'utf8')
    const specifiers = [...text.matchAll(/\brequire\('(\.[^']+)'\)/g)].map(([, specifier = '']) => specifier)
    const { resolve } = createRequire(path)
    const requires = Object.fromEntries(specifiers.map((specifier) => [specifier, resolve(specifier)]))
    for (const file of Object.values(requires)) found.add(file)
    sources.set(path, { text, requires })
  }
  return sources
}

/** With every function in it, those that are first called later, too. */
function codeOf(source: string, filename: string): Buffer {
  setFlagsFromString('--no-lazy')
  try {
    const script = new Script(source, { filename, columnOffset: -WRAPPER[0].length })
    // V8 notes the flags that it has at this moment.
    setFlagsFromString('--lazy')
    return script.createCachedData()
  } finally {
    setFlagsFromString('--lazy')
  }
}
