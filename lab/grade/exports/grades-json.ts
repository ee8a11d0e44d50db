import * as v from 'valibot'
import type { ClassSetting, Graded } from '../graded.ts'

const Points = v.nullable(v.number())

/** grades.json: everything that is known but the code itself. */
export const GradesJson = v.strictObject({
  format: v.literal(1),
  at: v.pipe(v.string(), v.isoTimestamp()),
  notice: v.nullable(v.string()),
  rubric: v.looseObject({ version: v.literal(1) }),
  lessons: v.array(v.strictObject({ name: v.string(), title: v.string() })),
  students: v.array(
    v.strictObject({
      id: v.string(),
      name: v.optional(v.string()),
      email: v.optional(v.string()),
      section: v.optional(v.string()),
      from: v.string(),
      notes: v.array(v.string()),
      points: v.number(),
      most: v.number(),
      open: v.array(v.string()),
      lessons: v.array(
        v.strictObject({
          lesson: v.string(),
          outcome: v.picklist(['passed', 'failed', 'not-judged', 'error', 'missing', 'not-yet']),
          points: Points,
          most: v.number(),
          isDropped: v.boolean(),
          lateBy: v.optional(v.strictObject({ days: v.number(), points: v.number() })),
          steps: v.array(
            v.strictObject({
              step: v.number(),
              title: v.string(),
              state: v.picklist(['passed', 'failed', 'undecided']),
              points: v.number(),
              most: v.number(),
            }),
          ),
          found: v.nullable(v.strictObject({ path: v.string(), notes: v.array(v.string()), modified: v.string() })),
          judged: v.nullable(v.looseObject({ at: v.string(), sandbox: v.string() })),
          earlier: v.optional(v.looseObject({ why: v.string() })),
        }),
      ),
    }),
  ),
})
export type GradesJson = v.InferOutput<typeof GradesJson>

/** What grades.json begins with. */
export function gradesHead({ at, notice, rubric, lessons }: ClassSetting): Omit<GradesJson, 'students'> {
  return {
    format: 1,
    at,
    notice: notice ?? null,
    rubric,
    lessons: lessons.map(({ name, title }) => ({ name, title })),
  }
}

/** A student in grades.json. */
export function gradesEntry({ record, student, points }: Graded): GradesJson['students'][number] {
  const { name, email, section } = student ?? {}
  return {
    id: record.id,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(section === undefined ? {} : { section }),
    from: record.from,
    notes: record.notes,
    points: points.points,
    most: points.most,
    open: points.open,
    lessons: points.lessons.map(({ lateBy, ...lesson }) => {
      const own = record.lessons[lesson.lesson]
      const found = own && { path: own.path, notes: own.notes, modified: new Date(own.modifiedMs).toISOString() }
      return {
        ...lesson,
        ...(lateBy === undefined ? {} : { lateBy }),
        found: found ?? null,
        judged: own?.judged ? { ...own.judged } : null,
        ...(own?.earlier === undefined ? {} : { earlier: { ...own.earlier } }),
      }
    }),
  }
}
