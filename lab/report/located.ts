import { dirname, isAbsolute, posix, relative, sep } from 'node:path'
import type { LessonReport } from './report.ts'

/** A file of the student's with its line, as the lab's sentences name it: seen from the exercise's folder. */
const PLACE = /(?<![\w/.\\-])((?:\.\.\/)?(?:[\w-]+\/)*[\w-]+\.(?:ts|js|mjs|cjs)):(?=\d)/g
/** Frames of a trace and what the process printed are evidence: they stay as they are. */
const EVIDENCE = new Set(['trace', 'everything', 'output', 'lesson', 'file', 'solutionsUsed'])

/**
 * The report of an exercise at `file` with each place named from the root (lessons/04-ack-consumer/exercise.ts:24), so that terminals and editors
 * can open it. In a tree that lies elsewhere they stay as they are.
 */
export function located(report: LessonReport, file: string, root: string): LessonReport {
  const folder = relative(root, dirname(file)).split(sep).join('/')
  if (folder.startsWith('..') || isAbsolute(folder)) return report
  return inEach(report, (text) =>
    text.replace(PLACE, (_, name: string) => `${posix.join(folder, name)}:`),
  ) as LessonReport
}

function inEach(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((each) => inEach(each, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      EVIDENCE.has(key) ? each : key === 'at' ? placed(each, change) : inEach(each, change),
    ]),
  )
}

/** A place as data has its line apart. */
function placed(at: unknown, change: (text: string) => string): unknown {
  const { file, ...rest } = at as { file: string }
  return { ...rest, file: change(`${file}:1`).replace(/:1$/, '') }
}
