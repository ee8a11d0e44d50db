import { existsSync, readFileSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'
import { earlierLessons, type Setting } from './protocol.ts'
import { sources } from './sources.mjs'

/**
 * Lets an exercise anywhere on disk import what the contract allows.
 *
 *   import 'amqplib'                       ──▶ the lab's node_modules first, then its own
 *   import '../02-slug/exercise.ts'        ──▶ the tree's own file, or the solution's in its place
 *   a .ts or .js file of the submission    ──▶ read as an ES module, its types stripped
 *
 * @param used told each earlier lesson whose solution is taken
 * @returns the lessons to replace although the tree has them: the caller adds to it
 */
export function installHooks(setting: Setting, used: (lesson: string) => void): { replaced: Set<string> } {
  const replaced = new Set<string>()
  const outside = !setting.tree.startsWith(setting.lab)

  module.registerHooks({
    resolve(specifier, context, next) {
      const from = context.parentURL ?? ''
      if (isBare(specifier) && from.startsWith(setting.tree) && outside) {
        try {
          return next(specifier, { ...context, parentURL: `${setting.lab}lab.ts` })
        } catch {
          // Not one of the lab's packages: the submission may bring its own.
          return next(specifier, context)
        }
      }
      if (specifier.startsWith('.') && from.startsWith(setting.tree)) {
        const lesson = earlierLesson(new URL(specifier, from).href, setting)
        if (
          lesson &&
          (setting.solutionsOnly || replaced.has(lesson) || !existsSync(exerciseIn(setting.tree, lesson)))
        ) {
          const solution = new URL(`${lesson}/exercise.ts`, setting.solutions)
          if (existsSync(solution)) {
            used(lesson)
            return { url: solution.href, format: 'module-typescript', shortCircuit: true }
          }
        }
      }
      return next(specifier, context)
    },
    load(url, context, next) {
      if (!outside || url in sources || !url.startsWith(setting.tree) || url.includes('/node_modules/'))
        return next(url, context)
      if (!/\.(ts|mts|js|mjs)$|\/[^./]+$/.test(url.replace(/[?#].*$/, ''))) return next(url, context)
      const text = readFileSync(fileURLToPath(url), 'utf8')
      const source = module.stripTypeScriptTypes(text, { mode: 'strip', sourceUrl: url })
      return { format: 'module', source, shortCircuit: true }
    },
  })
  return { replaced }
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
