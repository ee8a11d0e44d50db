import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ErrorSeen } from '../../recording/error-seen.ts'
import { earlierLessons } from '../protocol.ts'
import { closest } from './closest.ts'
import { exportsOf } from './exports.ts'
import { detail, type Finding } from './finding.ts'
import { isOwnPath, type Own, OwnFile, ownPlace } from './own-file.ts'

/** So many names of a module are listed. */
const FEW = 10
const LONGEST_IMPORT = 1000

/** An import of a name that is not there. */
interface Import {
  name: string
  from: string
  file: OwnFile
  line: number
  own: Own
  /** The student's file, or an earlier lesson's, that should export it. */
  target: OwnFile | undefined
}

/** Explains an import of a name that the module does not export: most often it is a type. */
export function notExported(error: ErrorSeen, own: Own): Finding | undefined {
  const [, esm, cjs] =
    /does not provide an export named '(.+?)'|Named export '(.+?)' not found/.exec(error.message) ?? []
  const name = esm ?? cjs
  const from = /requested module '(.+?)'/.exec(error.message)?.[1]
  // Node marks the line of the import above the stack.
  const place = ownPlace(error.stack?.split('\n')[0], own)
  if (name === undefined || from === undefined || place === undefined) return undefined
  const { file, line } = place
  const target = from.startsWith('.') ? targetOf(file, from, own) : undefined
  const types = [target?.text ?? typesOf(from, own), solutionOf(from, own)].join('\n')
  const declared = new Set([...types.matchAll(/\b(?:interface|type|namespace)\s+(\w+)/g)].map(([, each]) => each))
  const isType = (each: string) => declared.has(each)
  const common = { id: 'import-not-exported', ...file.at(line) }
  if (isType(name)) {
    const written = withTypes(file, line, isType) ?? `import type { ${name} } from '${from}'`
    return {
      ...common,
      sentence: `${file.place(line)} imports ${name} from '${from}' as a value, but it's a type: Node strips types, so nothing is left to import.`,
      detail: detail(file.shown(line), `Write: ${written}`),
    }
  }
  return {
    ...common,
    sentence:
      name === 'default'
        ? `${file.place(line)} imports a default export from '${from}', but there is none.`
        : `${file.place(line)} imports ${name} from '${from}', which doesn't export it.`,
    detail: detail(file.shown(line), ...advice({ name, from, file, line, own, target })),
  }
}

function advice({ name, from, own, target }: Import): string[] {
  const contract = own.setting.exports[lessonOf(from)]
  if (contract !== undefined) {
    return [
      `Write: import { ${contract.join(', ')} } from '${from}'`,
      'From an earlier lesson, you can only rely on the exports that its text asks for: the lab may use the solution instead.',
    ]
  }
  if (isBuiltin(from)) {
    const names = Object.keys(process.getBuiltinModule(from) ?? {}).filter((each) => /^[a-z]/i.test(each))
    const near = closest(name, names)
    if (near !== undefined) return [`Did you mean ${near}?`]
    if (names.length <= FEW) return [`It exports ${names.join(', ')}.`]
  }
  if (target === undefined) {
    return name === 'default'
      ? [`Import what you need by its name: import { … } from '${from}'`]
      : [`If it's a type, say so: import type { ${name} } from '${from}'`]
  }
  const names = exportsOf(target)
  const isCommonJs = /\bexports\b/.test(target.text) && names.length === 0
  if (isCommonJs && target.path.endsWith('.ts'))
    return [`${target.name} is CommonJS. Put export in front of what it declares.`]
  if (isCommonJs) return [`${target.name} is CommonJS. Import it as a whole: import all from '${from}'`]
  if (target.path.endsWith('.cjs'))
    return [`A .cjs file is CommonJS, which has no export. Rename it to ${target.name.replace(/\.cjs$/, '.ts')}.`]
  if (names.length === 0) return [`${target.name} exports nothing. Put export in front of what it declares.`]
  const others = names.filter((each) => each !== 'default')
  return [
    others.length === 0
      ? `${target.name} has only a default export. Write: import ${name} from '${from}'`
      : `${target.name} exports ${names.join(', ')}. Write: import { ${others[0]} } from '${from}'`,
  ]
}

/** The import of that line, with the word type where it belongs. */
function withTypes(file: OwnFile, line: number, isType: (name: string) => boolean): string | undefined {
  const node = file.nodes().find(({ type, loc }) => {
    return /^(Import|ExportNamed)Declaration$/.test(type) && loc && loc.start.line <= line && line <= loc.end.line
  })
  if (node === undefined) return undefined
  const text = file.text
    .slice(node.start, Math.min(node.end, node.start + LONGEST_IMPORT))
    .replaceAll(/\s+/g, ' ')
    .replace(/;$/, '')
  const [, verb, before, inside = '', after] = /^(import|export) (.*)\{(.*)\}(.*)$/.exec(text) ?? []
  const names = inside.split(',').flatMap((each) => each.trim() || [])
  const bare = (each: string) => each.replace(/^type /, '').replace(/ as .*/, '')
  if (names.length === 0) return undefined
  if (before === '' && names.every((each) => isType(bare(each))))
    return `${verb} type { ${names.map((each) => each.replace(/^type /, '')).join(', ')} }${after}`
  const written = names.map((each) => (isType(bare(each)) && !each.startsWith('type ') ? `type ${each}` : each))
  return `${verb} ${before}{ ${written.join(', ')} }${after}`
}

/** The student's file that a path leads to. */
function targetOf(from: OwnFile, specifier: string, own: Own): OwnFile | undefined {
  const path = resolve(dirname(from.path), specifier)
  const candidates = [path, `${path}.ts`, path.replace(/js$/, 'ts'), `${path}.js`]
  const found = candidates.find((each) => /\.[mc]?[jt]s$/.test(each) && isOwnPath(each, own) && existsSync(each))
  return found === undefined ? undefined : new OwnFile(found, own)
}

/** The text of the solution that may stand in for an earlier lesson. */
function solutionOf(specifier: string, { setting }: Own): string {
  const lesson = lessonOf(specifier)
  if (!earlierLessons(setting).includes(lesson)) return ''
  return read(fileURLToPath(new URL(`${lesson}/exercise.ts`, setting.solutions)))
}

function lessonOf(specifier: string): string {
  return /(?:^|\/)(\d\d-[a-z0-9-]+)\/exercise/.exec(specifier)?.[1] ?? ''
}

/** The types of one of the lab's packages, as far as they are in its first file and in what that exports as a whole. */
function typesOf(name: string, { setting }: Own): string {
  if (!/^(@[\w.-]+\/)?[\w-][\w.-]*$/.test(name)) return ''
  const folder = join(fileURLToPath(setting.lab), 'node_modules', name)
  const about = join(folder, 'package.json')
  if (!existsSync(about)) return ''
  const { types = 'index.d.ts' } = JSON.parse(readFileSync(about, 'utf8')) as { types?: string }
  const file = join(folder, types)
  const folderOfTypes = dirname(file)
  const text = read(file)
  const more = [...text.matchAll(/^export \* from '(\.[^']+)'/gm)].map(([, path]) =>
    read(join(folderOfTypes, `${path}.d.ts`)),
  )
  return [text, ...more].join('\n')
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
