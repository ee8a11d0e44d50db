import type * as module from 'node:module'
import { loadAmqplib } from './amqplib.ts'
import { earlierLessons, type Setting } from './protocol.ts'
import { amqplib as compiled, sources } from './sources.mjs'

const { existsSync, readFileSync, statSync } = process.getBuiltinModule('node:fs')
const { createRequire, isBuiltin, registerHooks, stripTypeScriptTypes } = process.getBuiltinModule('node:module')
const { fileURLToPath } = process.getBuiltinModule('node:url')

/** What Node's loader knows of an import when it asks a hook. */
interface Importing {
  specifier: string
  /** The file: URL of the file that has the import. */
  from: string
}

/**
 * Lets an exercise import what the contract allows. The same code resolves and reads for a tree anywhere on disk and for
 * the project's own lessons/, so that a file gets the same verdict in both.
 *
 *   import 'amqplib', require('amqplib')   ──▶ the lab's, which comes compiled
 *   another package                        ──▶ the lab's node_modules first, then its own
 *   import '../02-slug/exercise.ts'        ──▶ the tree's own file, or the solution's in its place
 *   import './helper', './helper.js'       ──▶ helper.ts, where there is no file of that very name
 *   a .ts or .js file of the tree          ──▶ read as an ES module, its types stripped, whatever package.json is around
 *   a .js file that is CommonJS            ──▶ read as that
 *
 * @param used told each earlier lesson whose solution is taken
 * @returns the lessons to replace although the tree has them: the caller adds to it
 */
export function installHooks(setting: Setting, used: (lesson: string) => void): { replaced: Set<string> } {
  const replaced = new Set<string>()
  const amqplib = loadAmqplib(compiled)
  sources[amqplib.url] = amqplib.source
  const lab = `${setting.lab}lab.ts`
  const isOwn = (url: string) => url.startsWith(setting.tree) && !url.includes('/node_modules/')
  /** By the URL of what was imported. */
  const importing = new Map<string, Importing>()

  const resolve: module.ResolveHookSync = (specifier, context, next) => {
    const from = context.parentURL ?? ''
    if (isBare(specifier)) return resolvePackage(specifier, context, next, lab)
    const target = URL.parse(specifier, from)?.href ?? ''
    const lesson = earlierLesson(target, setting)
    if (lesson && (setting.solutionsOnly || replaced.has(lesson) || !existsSync(exerciseIn(setting.tree, lesson)))) {
      const solution = new URL(`${lesson}/exercise.ts`, setting.solutions)
      if (existsSync(solution)) {
        used(lesson)
        return { url: solution.href, format: 'module-typescript', shortCircuit: true }
      }
    }
    const url = isOwn(target) ? meantBy(target) : undefined
    return url === undefined ? next(specifier, context) : { url, shortCircuit: true }
  }

  const load: module.LoadHookSync = (url, context, next) => {
    if (url in sources || !isOwn(url) || !/\.([mc]?[tj]s)$|\/[^./]+$/.test(url.replace(/[?#].*$/, '')))
      return next(url, context)
    const path = fileURLToPath(url)
    if (/\.c[tj]s$/.test(path)) return next(url, context)
    const text = readFileSync(path, 'utf8')
    if (path.endsWith('.js') && isCommonJs(text)) return next(url, { ...context, format: 'commonjs' })
    const source = stripTypeScriptTypes(text, { mode: 'strip', sourceUrl: url })
    return { format: 'module', source, shortCircuit: true }
  }

  registerHooks({
    resolve(specifier, context, next) {
      const from = context.parentURL ?? ''
      if (specifier === 'amqplib' && context.conditions.includes('import')) {
        return { url: amqplib.url, format: 'module', shortCircuit: true }
      }
      if (!isOwn(from)) return next(specifier, context)
      return noting({ specifier, from }, () => {
        const resolved = resolve(specifier, context, next)
        importing.set(resolved.url, { specifier, from })
        return resolved
      })
    },
    load: (url, context, next) => noting(importing.get(url), () => load(url, context, next)),
  })
  return { replaced }
}

/** Does it; what it throws has the import with it, which Node's own words do not always name. */
function noting<T>(imports: Importing | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && imports !== undefined) Object.assign(error, { imports })
    throw error
  }
}

/** The lab's packages come first, so that no submission judges itself by an amqplib of its own. */
function resolvePackage(
  specifier: string,
  context: module.ResolveHookContext,
  next: Parameters<module.ResolveHookSync>[2],
  lab: string,
): module.ResolveFnOutput {
  if (isBuiltin(specifier)) return next(specifier, context)
  // What next() does to the context of the first attempt must not be in the second.
  const { parentURL } = context
  try {
    // For require() Node asks the parent module itself, and not the context.
    if (context.conditions.includes('require')) return next(createRequire(lab).resolve(specifier), context)
    return next(specifier, { ...context, parentURL: lab })
  } catch (error) {
    // A package of the lab's that has no such file is not looked for elsewhere.
    if (!/^(ERR_)?MODULE_NOT_FOUND$|^ERR_PACKAGE_IMPORT_NOT_DEFINED$/.test(String((error as { code?: unknown }).code)))
      throw error
    return next(specifier, { ...context, parentURL })
  }
}

/** What an editor finds for a path without its ending, or with the ending that the compiled file would have. */
function meantBy(target: string): string | undefined {
  const [, path = '', suffix = ''] = /^([^?#]*)(.*)$/.exec(target) ?? []
  if (isFile(path)) return undefined
  const [, stem, letter] = /^(.*)\.([mc]?)js$/.exec(path) ?? []
  const candidates =
    stem === undefined
      ? ['.ts', '.mts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'].map(
          (ending) => path.replace(/\/$/, '') + ending,
        )
      : [`${stem}.${letter}ts`]
  const found = candidates.find(isFile)
  return found === undefined ? undefined : `${found}${suffix}`
}

function isFile(url: string): boolean {
  try {
    return statSync(new URL(url), { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    // A place that an exercise may not read: Node says so when it gets there.
    return false
  }
}

/** Node would decide by the nearest package.json, which is the lab's in lessons/ and anybody's elsewhere. */
function isCommonJs(text: string): boolean {
  return !/^\s*(import|export)\b/m.test(text) && /\b(exports|require)\b/.test(text)
}

function exerciseIn(tree: string, lesson: string): URL {
  return new URL(`${lesson}/exercise.ts`, tree)
}

function isBare(specifier: string): boolean {
  return !/^(\.|\/|[a-z][a-z+.-]*:)/i.test(specifier)
}

/** The name of the earlier lesson that a URL in the tree points to; undefined for anything else. */
function earlierLesson(href: string, setting: Setting): string | undefined {
  if (!href.startsWith(setting.tree)) return undefined
  const lesson = /^([^/]+)\/exercise(?:\.[mc]?[jt]s)?$/.exec(href.slice(setting.tree.length))?.[1]
  return lesson !== undefined && earlierLessons(setting).includes(lesson) ? lesson : undefined
}
