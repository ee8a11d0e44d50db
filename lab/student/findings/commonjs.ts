import type { Node } from 'acorn'
import type { ErrorSeen } from '../../recording/error-seen.ts'
import { detail, type Finding } from './finding.ts'
import { lineOf, type Own, OwnFile, ownPlace } from './own-file.ts'

const NAMES = ['require', 'module', 'exports', '__filename', '__dirname']
const SHOWN = 4

/** Explains why a file that is CommonJS can't be read as that. */
export function packageForModules({ code, message }: ErrorSeen, own: Own): Finding | undefined {
  const path = /^Cannot require\(\) ES Module (.+?) in a cycle/.exec(message)?.[1]
  if (code !== 'ERR_REQUIRE_CYCLE_MODULE' || path === undefined || /\.m?ts$/.test(path)) return undefined
  const { name } = new OwnFile(path, own)
  return {
    id: 'commonjs',
    sentence: `${name} is CommonJS, but the package.json next to it or above it has "type": "module".`,
    detail: `Use export in ${name} instead of exports, or rename it to ${name.replace(/\.js$/, '.cjs')}.`,
  }
}

/** Explains names that only CommonJS has, and shows each line of the file that needs another. */
export function commonJs(error: ErrorSeen, own: Own): Finding | undefined {
  const name = /^(\w+) is not defined/.exec(error.message)?.[1] ?? ''
  if (error.name !== 'ReferenceError' || !NAMES.includes(name)) return undefined
  const place = ownPlace(error.stack, own)
  if (place === undefined) return undefined
  const { file, line } = place
  const lines = [...new Set([line, ...linesWith(file)])].sort((one, other) => one - other).slice(0, SHOWN)
  const what = file.name.endsWith('exercise.ts') ? 'An exercise' : 'A file that an exercise imports'
  return {
    id: 'commonjs',
    sentence: `${file.place(line)} uses ${called(name, file.line(line))}, which is CommonJS. ${what} is an ES module: it uses import and export.`,
    detail: detail(
      ...lines.flatMap((each) => {
        const instead = written(file.line(each), own)
        return [file.shown(each), instead && `    write: ${instead}`]
      }),
      name === 'require' && !/require\.main/.test(file.line(line)) && 'Put imports at the top of the file.',
    ),
    ...file.at(line),
  }
}

function called(name: string, line: string): string {
  if (/\brequire\.main\b/.test(line)) return 'require.main'
  if (/\bmodule\.(exports|parent)\b/.test(line) && name === 'module') return /module\.\w+/.exec(line)?.[0] ?? name
  return name === 'require' ? 'require()' : name
}

/** The lines in which one of the names is not a property, nor declared by the file itself. */
function linesWith(file: OwnFile): number[] {
  const nodes = file.nodes() as (Node & {
    name?: string
    id?: { name?: string }
    computed?: boolean
    property?: Node
  })[]
  const declared = nodes.flatMap(({ type, id }) => (type === 'VariableDeclarator' && id?.name ? [id.name] : []))
  const properties = nodes.flatMap(({ computed, property }) => (property && !computed ? [property] : []))
  return nodes.flatMap((node) => {
    const isOne = node.type === 'Identifier' && NAMES.includes(node.name ?? '') && !declared.includes(node.name ?? '')
    return isOne && !properties.includes(node) ? [lineOf(node)] : []
  })
}

/** The line as an ES module has it, as far as that can be told from the line alone. */
function written(line: string, { setting }: Own): string | undefined {
  const [, what = '', from] =
    /^(?:const|let|var)\s+(\{[^}]*\}|\w+)[^=]*=\s*require\(\s*['"]([^'"]+)['"]\s*\);?$/.exec(line) ?? []
  if (from !== undefined) return `import ${what.replaceAll(/\s*:\s*/g, ' as ')} from '${from}'`
  const isMain = /!?module\.parent|require\.main\s*===?\s*module|module\s*===?\s*require\.main/
  if (isMain.test(line)) return line.replace(isMain, 'import.meta.main')
  if (/\b__(filename|dirname)\b/.test(line)) return line.replaceAll(/\b__(filename|dirname)\b/g, 'import.meta.$1')
  const [, name = '', same] = /^(?:module\.)?exports\.(\w+)\s*=\s*(?:(\w+);?$)?/.exec(line) ?? []
  if (name !== '') {
    if (same === name) return `export { ${name} }`
    return line.replace(/^[^=]*=\s*/, `export const ${name} = `)
  }
  if (/^module\.exports\s*=/.test(line)) {
    const value = line.replace(/^[^=]*=\s*/, '').replace(/;$/, '')
    if (/^\{.*\}$/.test(value)) return `export ${value}`
    if (/^(async )?function \w+/.test(value)) return `export ${value}`
    return `export { ${/^\w+$/.test(value) ? value : (setting.exports[setting.lesson]?.join(', ') ?? value)} }`
  }
  const [, module] = /^require\(['"]([^'"]+)['"]\)/.exec(line) ?? []
  return module === undefined ? undefined : `import '${module}'`
}
