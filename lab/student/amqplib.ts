/**
 * Loads amqplib in a student's process. The lab has compiled it ahead (compiled.ts): reading that takes a third of the
 * time of compiling it, and of loading TLS, which hardly anybody asks for.
 *
 *   KEY.compiled: { main, names, files, sha256 } as JSON, a line end, then each file's source and V8's code
 *
 * It is amqplib as Node would load it, in the same cache, with the same names and lines.
 */
const { readFileSync } = process.getBuiltinModule('node:fs')
const { createRequire, Module } = process.getBuiltinModule('node:module')
const { pathToFileURL } = process.getBuiltinModule('node:url')
const { Script } = process.getBuiltinModule('node:vm')

/** As Node wraps a CommonJS file. */
export const WRAPPER = ['(function (exports, require, module, __filename, __dirname) { ', '\n})'] as const

export interface Compiled {
  /** What `import 'amqplib'` loads. */
  main: string
  /** What it exports by name. */
  names: string[]
  files: CompiledFile[]
  /** Of what comes after the head; the lab has looked at it. */
  sha256: string
}

export interface CompiledFile {
  path: string
  /** The files that it asks for, by specifier; all else is Node's own. */
  requires: Record<string, string>
  sourceBytes: number
  codeBytes: number
}

type CommonJs = (
  exports: unknown,
  require: (name: string) => unknown,
  module: NodeJS.Module,
  ...paths: string[]
) => void

const LAZY_TLS = {
  connect: (...args: [import('node:tls').ConnectionOptions]) => process.getBuiltinModule('node:tls').connect(...args),
}

/** @returns its URL, and the ES module that stands for it there */
export function loadAmqplib(file: string): { url: string; source: string } {
  const packed = readFileSync(file)
  let at = packed.indexOf('\n') + 1
  const { main, names, files } = JSON.parse(packed.toString('utf8', 0, at)) as Compiled
  const parts = new Map(
    files.map(({ path, requires, sourceBytes, codeBytes }) => {
      const source = packed.toString('utf8', at, at + sourceBytes)
      const code = packed.subarray(at + sourceBytes, at + sourceBytes + codeBytes)
      at += sourceBytes + codeBytes
      return [path, { requires, source, code }]
    }),
  )
  const { cache } = createRequire(main)

  const load = (path: string): unknown => {
    const known = cache[path]
    if (known) return known.exports
    const part = parts.get(path)
    if (part === undefined) throw new Error(`${path} was not compiled`)
    const module = Object.assign(new Module(path), { filename: path, paths: [] }) as NodeJS.Module
    cache[path] = module
    const require = (name: string) => {
      if (name === 'node:tls') return LAZY_TLS
      return part.requires[name] === undefined ? process.getBuiltinModule(name) : load(part.requires[name])
    }
    const script = new Script(part.source, { filename: path, columnOffset: -WRAPPER[0].length, cachedData: part.code })
    const run = script.runInThisContext() as CommonJs
    run.call(module.exports, module.exports, require, module, path, path.replace(/[\\/][^\\/]*$/, ''))
    module.loaded = true
    return module.exports
  }
  load(main)
  const path = JSON.stringify(main)
  const source = `const amqplib = process.getBuiltinModule('node:module').createRequire(${path}).cache[${path}].exports
export default amqplib
export { amqplib as 'module.exports' }
export const { ${names.join(', ')} } = amqplib\n`
  return { url: pathToFileURL(main).href, source }
}
