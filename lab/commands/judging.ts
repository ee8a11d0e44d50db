import { readFile } from 'node:fs/promises'
import type { Session, Wanted } from '../check/session.ts'
import { ensureExercise } from '../lessons/exercise.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Tree } from '../lessons/tree.ts'
import type { CheckReport } from '../report/report.ts'
import { ROOT } from '../root.ts'
import { misnamed } from '../student/findings/missing.ts'
import { isSource } from '../student/findings/source.ts'
import { typeAdvice } from '../student/types.ts'
import { visible } from '../text/visible.ts'

export interface Judging
  extends Pick<Wanted, 'record' | 'program' | 'from' | 'verbose' | 'raw' | 'on' | 'signal' | 'onProgress'> {
  lessons: Lesson[]
  tree: Tree
  /** Ask TypeScript what it thinks of the files, too. */
  advice: boolean
  /** Where a broken progress file is told. */
  tell: (notice: string) => void
}

/** Judges lessons of a tree, with TypeScript's advice beside; what a student's own file achieved is remembered. */
export async function judge(session: Pick<Session, 'check'>, judging: Judging): Promise<CheckReport> {
  const { lessons, tree, advice, tell, ...wanted } = judging
  // What a program in the exercise's place achieves says nothing of the student's file.
  const replayed = typeof wanted.from === 'string' || (wanted.program ?? null) !== null
  // A starter beside the file that was meant would be judged in its place.
  const began = lessons.filter((lesson) => misnamed(lesson.exercise) === undefined)
  if (tree.isStudents && !replayed) for (const lesson of began) await ensureExercise(lesson)
  const files = lessons.map((lesson) => tree.file(lesson))
  const contents = await Promise.all(
    files.map((file) => (isSource(file) ? readFile(file, 'utf8').catch(() => undefined) : undefined)),
  )
  const [report, said] = await Promise.all([
    session.check({ ...wanted, lessons: lessons.map(({ name }) => name), tree: tree.dir }),
    Promise.all(files.map((file) => (advice && !wanted.program && isSource(file) ? typeAdvice(file, ROOT) : []))),
  ])
  for (const lesson of report.lessons) {
    const i = lessons.findIndex(({ name }) => name === lesson.lesson)
    const lines = said[i] ?? []
    if (lines.length > 0) lesson.advice = lines.map(visible)
    const content = contents[i]
    if (!tree.isStudents || replayed || !report.broker || content === undefined) continue
    const { recordReport } = await import('../progress/record.ts')
    const { notice } = await recordReport(ROOT, lesson, report.broker, content)
    if (notice !== undefined) tell(notice)
  }
  return report
}
