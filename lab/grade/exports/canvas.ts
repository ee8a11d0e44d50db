import type { GradedLesson } from '../graded.ts'
import type { Rubric } from '../points/rubric.ts'
import { type CsvRow, csv } from './csv.ts'

/**
 * canvas.csv, for Canvas's gradebook: a column a lesson, below it the points possible. Canvas finds an assignment by the
 * number behind its name (the rubric's 'canvas'); one without a number becomes a new assignment. Whoever is not judged
 * completely is left out: an empty cell could be taken for a grade.
 */
export function canvasCsv(rows: CsvRow[], lessons: GradedLesson[], rubric: Rubric): string {
  const titles = lessons.map(({ name, number, title }) => {
    const { canvas } = rubric.lessons[name] ?? {}
    const said = `Cluster Up ${String(number).padStart(2, '0')} ${title}`
    return canvas === undefined ? said : `${said} (${canvas})`
  })
  const possible = lessons.map(({ name }) => rubric.lessons[name]?.points ?? rubric.points)
  return csv(
    ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section', ...titles],
    [
      ['    Points Possible', '', '', '', '', ...possible],
      ...rows
        .filter(({ open }) => open.length === 0)
        .map(({ id, name, email, section, cells }) => [
          ...[name ?? id, '', id, email ?? id, section ?? ''],
          ...cells.map(({ points }) => points ?? ''),
        ]),
    ],
  )
}
