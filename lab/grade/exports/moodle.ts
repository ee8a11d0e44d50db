import { type CsvRow, csv } from './csv.ts'

/**
 * moodle.csv, for Moodle's import of grades: a student is found by the e-mail address or by the ID number. Whoever is not
 * judged completely is left out, as Moodle would take feedback without a grade for 'erase the grade'.
 */
export function moodleCsv(rows: CsvRow[]): string {
  return csv(
    ['useremail', 'useridnumber', 'grade', 'maximum', 'feedback'],
    rows
      .filter(({ open }) => open.length === 0)
      .map(({ id, email = '', points, most, feedback }) => [email, id, points, most, feedback]),
  )
}
