import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Lesson } from '../lessons/lesson.ts'
import { ProgressFile } from '../progress/format.ts'
import type { SubmissionRecord } from './record.ts'
import type { Handed } from './submission/find.ts'
import { layoutOf } from './submission/layout.ts'
import { filesOfLesson, type TreeFile, treeOf } from './submission/tree.ts'

const MOST_PROGRESS_BYTES = 2 ** 20

/** A submission, ready to be judged. */
export interface Collected {
  record: SubmissionRecord
  files: TreeFile[]
}

export interface Collecting {
  /** Those to judge. */
  lessons: (Pick<Lesson, 'name' | 'number'> & { starterText: string })[]
  all: Pick<Lesson, 'name' | 'number'>[]
  /** Of everything that the verdict depends on. */
  hashOf(lesson: string, files: TreeFile[]): string
  /** What is known from a run before this one. */
  known: SubmissionRecord | undefined
}

/** What a submission holds; what was judged already, and did not change since, is kept. */
export function collect(handed: Handed, { lessons, all, hashOf, known }: Collecting): Collected {
  const { id, folder, from, notes } = handed
  const wanted = lessons.map(({ name }) => name)
  // What is known of lessons that are not asked for now stays, for a run that asks for them again.
  const others = Object.entries(known?.lessons ?? {}).filter(([lesson]) => !wanted.includes(lesson))
  const record: SubmissionRecord = {
    format: 1,
    id,
    from,
    wanted,
    notes: [...notes],
    lessons: Object.fromEntries(others),
  }
  if (folder === undefined) return { record, files: [] }
  const layout = layoutOf(folder, lessons, all)
  const files = treeOf(folder, layout, all)
  record.notes.push(...layout.notes)
  const checks = checksOf(folder)
  if (checks !== undefined) record.checks = checks
  for (const [lesson, { path, notes: said, modifiedMs, text }] of layout.exercises) {
    const hash = hashOf(lesson, filesOfLesson(files, lesson, all))
    const before = known?.lessons[lesson]
    const isKnown = before?.hash === hash && before.judged !== undefined && before.judged.report.verdict !== 'error'
    record.lessons[lesson] = {
      path,
      notes: said,
      modifiedMs,
      code: text,
      hash,
      ...(isKnown ? { judged: before.judged, earlier: before.earlier } : {}),
    }
  }
  return { record, files }
}

/** How often each lesson was checked before it passed, by the student's own progress file. */
function checksOf(folder: string): Record<string, number> | undefined {
  for (const path of [join(folder, '.lab', 'progress.json'), join(folder, 'progress.json')]) {
    const kind = lstatSync(path, { throwIfNoEntry: false })
    if (!kind?.isFile() || kind.size > MOST_PROGRESS_BYTES) continue
    try {
      const { lessons } = v.parse(ProgressFile, JSON.parse(readFileSync(path, 'utf8')))
      const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
      return Object.fromEntries(
        Object.entries(lessons).map(([name, { failed, passed }]) => [name, sum(failed) + passed.length]),
      )
    } catch {
      // A file that can't be understood says nothing; it is no part of the grade.
    }
  }
  return undefined
}
