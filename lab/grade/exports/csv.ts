import { stringify } from 'csv-stringify/sync'
import type { GradedLesson } from '../graded.ts'
import { OUTCOME_WORDS } from '../outcome-words.ts'
import type { LessonPoints } from '../points/points.ts'

/** One student, as the tables need it. */
export interface CsvRow {
  id: string
  name: string | undefined
  email: string | undefined
  section: string | undefined
  cells: LessonPoints[]
  points: number
  most: number
  open: string[]
  feedback: string
}

/** A table as CSV. A cell that a spreadsheet would take for a formula is made text. */
export function csv(head: string[], rows: (string | number)[][]): string {
  return stringify([head, ...rows], { escape_formulas: true, record_delimiter: '\r\n' })
}

/** grades.csv: a row a student, a column a lesson. Where there are no points, the word says why. */
export function gradesCsv(rows: CsvRow[], lessons: GradedLesson[]): string {
  const head = ['id', 'name', 'email', 'section', ...lessons.map(({ name }) => name), 'points', 'of', 'not judged']
  return csv(
    head,
    rows.map(({ id, name = '', email = '', section = '', cells, points, most, open }) => [
      ...[id, name, email, section],
      ...cells.map((cell) => cell.points ?? OUTCOME_WORDS[cell.outcome]),
      points,
      most,
      open.join(' '),
    ]),
  )
}
