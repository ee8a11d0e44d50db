import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { earlierLessons, type Setting } from './protocol.ts'

/**
 * Tries the earlier lessons of the tree that the exercise imports. One that does not load, or lacks an export of the
 * contract, is added to `replaced`: the solution's stands in for it.
 */
export async function replaceBrokenLessons(setting: Setting, replaced: Set<string>): Promise<void> {
  const own = new URL(`${setting.lesson}/exercise.ts`, setting.tree)
  if (setting.solutionsOnly || !existsSync(own)) return
  const text = readFileSync(fileURLToPath(own), 'utf8')
  for (const lesson of earlierLessons(setting)) {
    const file = new URL(`${lesson}/exercise.ts`, setting.tree)
    if (!text.includes(`${lesson}/exercise`) || !existsSync(file)) continue
    try {
      const module = (await import(file.href)) as Record<string, unknown>
      if (setting.exports[lesson]?.some((name) => typeof module[name] !== 'function')) replaced.add(lesson)
    } catch {
      replaced.add(lesson)
    }
  }
}
