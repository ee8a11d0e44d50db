import type { Misconceptions } from '../check/misconceptions.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { type Judged, pointsOf, type StudentPoints } from './points/points.ts'
import type { Rubric } from './points/rubric.ts'
import { fileNameOf, type SubmissionRecord } from './record.ts'
import { type Student, type Submitted, studentOf } from './students.ts'

/** What is the same for a whole class. */
export interface ClassSetting {
  lessons: GradedLesson[]
  rubric: Rubric
  students: Student[]
  /** Undefined: the times of the files count. */
  submitted: Submitted | undefined
  details: Details
  /** Said in every report; undefined where there is nothing to say. */
  notice: string | undefined
  /** When the results were written, as an ISO date. */
  at: string
}

/** How much a student gets to see: points only, what fell short, or everything. */
export const DETAILS = ['none', 'failed', 'all'] as const
export type Details = (typeof DETAILS)[number]

export interface GradedLesson extends Pick<Lesson, 'name' | 'number' | 'title'> {
  misconceptions: Misconceptions
  /** The first hint of each step, as Markdown. */
  hints: Record<number, string>
  /** The starter and the solution: what submissions have in common with them says nothing. */
  background: string[]
}

/** A student, and what became of the submission. */
export interface Graded {
  record: SubmissionRecord
  student: Student | undefined
  points: StudentPoints
  /** How the files about this student are called, without their ending. */
  file: string
}

/** What the records, the rubric and the lists of the class say of one submission. */
export function graded(record: SubmissionRecord, { lessons, rubric, students, submitted }: ClassSetting): Graded {
  const student = studentOf(record.id, students)
  const judged = lessons.map(({ name }): Judged => {
    const own = record.lessons[name]
    const listed = submitted?.(record.id, name) ?? (student && submitted?.(student.id, name))
    return {
      lesson: name,
      report: own?.judged?.report,
      isWaiting: own !== undefined && own.judged === undefined,
      submittedMs: submitted === undefined ? own?.modifiedMs : listed,
    }
  })
  return { record, student, points: pointsOf(judged, rubric), file: fileNameOf(record.id) }
}
