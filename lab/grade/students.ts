import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import * as v from 'valibot'
import { LabError } from '../errors.ts'

/** What a students' CSV says of one. Without such a file nothing but the submission's name is known. */
export interface Student {
  id: string
  name?: string | undefined
  email?: string | undefined
  section?: string | undefined
}

const text = v.optional(v.pipe(v.string(), v.trim()))
const StudentRow = v.object({
  id: v.pipe(v.string(), v.trim(), v.minLength(1)),
  name: text,
  email: text,
  section: text,
})
const SubmittedRow = v.object({
  id: v.pipe(v.string(), v.trim(), v.minLength(1)),
  lesson: text,
  submitted: v.pipe(
    v.string(),
    v.check((moment) => !Number.isNaN(Date.parse(moment)), "it isn't a date such as 2026-12-01T23:59:00+01:00"),
  ),
})

/** Reads a CSV of students: the columns id, name, email and section, of which only id must be there. */
export function readStudents(file: string): Student[] {
  return rows(file, StudentRow, 'id, name, email, section').map(({ id, name, email, section }) => ({
    id,
    ...(name ? { name } : {}),
    ...(email ? { email } : {}),
    ...(section ? { section } : {}),
  }))
}

/** The student whose submission this is: by the name, or by the number that Moodle and Gradescope put behind it. */
export function studentOf(id: string, students: Student[]): Student | undefined {
  const last = /[_ ]([a-z0-9]+)$/i.exec(id)?.[1]
  const named = (wanted: string | undefined) =>
    students.find((student) => student.id.toLowerCase() === wanted?.toLowerCase())
  return named(id) ?? named(last)
}

/** When submissions were handed in, by id and, where the file says so, by lesson. */
export type Submitted = (id: string, lesson: string) => number | undefined

/** Reads a CSV of times: the columns id, submitted, and perhaps lesson. */
export function readSubmitted(file: string): Submitted {
  const all = rows(file, SubmittedRow, 'id, submitted, lesson')
  return (id, lesson) => {
    const own = all.filter((row) => row.id.toLowerCase() === id.toLowerCase())
    const isOf = ({ lesson: given }: { lesson?: string | undefined }) =>
      given !== undefined && (given === lesson || Number(given) === Number(lesson.slice(0, 2)))
    const row = own.find(isOf) ?? own.find(({ lesson: given }) => !given)
    return row === undefined ? undefined : Date.parse(row.submitted)
  }
}

function rows<const S extends v.GenericSchema<unknown, object>>(
  file: string,
  schema: S,
  columns: string,
): v.InferOutput<S>[] {
  const fail = (problem: string, cause?: unknown) =>
    new LabError('csv-broken', `${file}: ${problem}.`, {
      advice: `Its first line must name the columns: ${columns}.`,
      cause,
    })
  let read: unknown[]
  try {
    const heads = (names: string[]) => names.map((name) => name.trim().toLowerCase())
    const source = readFileSync(file, 'utf8')
    // Spreadsheets of half of Europe part columns by semicolons.
    const [head = ''] = source.split(/\r?\n/, 1)
    const delimiter = head.includes(';') && !head.includes(',') ? ';' : ','
    read = parse(source, { bom: true, columns: heads, delimiter, skip_empty_lines: true, relax_column_count: true })
  } catch (error) {
    throw fail((error as Error).message.replace(/\.$/, ''), error)
  }
  return read.map((row, index) => {
    const checked = v.safeParse(schema, row)
    if (checked.success) return checked.output
    const [issue] = checked.issues
    throw fail(`row ${index + 1}, '${v.getDotPath(issue) ?? ''}': ${issue.message}`)
  })
}
