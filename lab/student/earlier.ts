import { earlierLessons, type Setting } from './protocol.ts'

const { existsSync, readFileSync } = process.getBuiltinModule('node:fs')
const { fileURLToPath } = process.getBuiltinModule('node:url')

/** How long the earlier lessons may take together, and each of them at least. What waits for ever is not loaded. */
const ALL_MS = 4000
const EACH_MS = 1000

/**
 * Tries the earlier lessons of the tree that the exercise imports. One that does not load, or lacks an export of the
 * contract, is added to `replaced`: the solution's stands in for it.
 */
export async function replaceBrokenLessons(setting: Setting, replaced: Set<string>): Promise<void> {
  const own = new URL(`${setting.lesson}/exercise.ts`, setting.tree)
  if (setting.solutionsOnly || !existsSync(own)) return
  const text = readFileSync(fileURLToPath(own), 'utf8')
  const until = performance.now() + ALL_MS
  for (const lesson of earlierLessons(setting)) {
    const file = new URL(`${lesson}/exercise.ts`, setting.tree)
    if (!text.includes(`${lesson}/exercise`) || !existsSync(file)) continue
    try {
      const module = await inTime(import(file.href), Math.max(EACH_MS, until - performance.now()))
      if (setting.exports[lesson]?.some((name) => typeof module?.[name] !== 'function')) replaced.add(lesson)
    } catch {
      replaced.add(lesson)
    }
  }
}

/** Resolves with what is loaded, or with undefined when the time is over. */
async function inTime<T>(loading: Promise<T>, limitMs: number): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, limitMs)
  try {
    return await Promise.race([loading, over])
  } finally {
    clearTimeout(timer)
  }
}
