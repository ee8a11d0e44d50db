import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { LabError } from '../../errors.ts'

const Points = v.pipe(v.number(), v.minValue(0))
const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
const Percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100))
/** YAML has no dates of its own in its core schema: a moment is text, with a time zone or in the machine's own. */
const Moment = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), "it isn't a date such as 2026-12-01T23:59:00+01:00"),
)

const LessonRubric = v.strictObject({
  points: v.optional(Points),
  /** What each step is worth beside the others. */
  steps: v.optional(v.pipe(v.array(Points), v.minLength(1))),
  due: v.optional(Moment),
  /** Canvas's own number of the assignment. */
  canvas: v.optional(v.pipe(v.number(), v.integer())),
})

/** rubric.yaml: what the points come from; `default-rubric.ts` explains each line. */
export const Rubric = v.strictObject({
  version: v.literal(1),
  points: v.optional(Points, 10),
  award: v.optional(v.picklist(['steps', 'working-and-passed']), 'steps'),
  working: v.optional(Share, 0.5),
  lessons: v.optional(v.record(v.string(), LessonRubric), () => ({})),
  late: v.optional(
    v.strictObject({
      due: v.optional(Moment),
      graceMinutes: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
      percentADay: v.optional(Percent, 0),
      mostPercent: v.optional(Percent, 100),
    }),
    () => ({ graceMinutes: 0, percentADay: 0, mostPercent: 100 }),
  ),
  dropWorst: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
})

export type Rubric = v.InferOutput<typeof Rubric>
export type LessonRubric = v.InferOutput<typeof LessonRubric>

/** Without a file: ten points a lesson, its steps weigh the same. */
export const DEFAULT_RUBRIC: Rubric = v.parse(Rubric, { version: 1 })

/**
 * Reads a rubric, and checks it.
 *
 * @param lessons names of all lessons: a rubric may call them by number, too
 * @throws LabError 'rubric-broken', which names the line
 */
export function parseRubric(source: string, file: string, lessons: string[]): Rubric {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines })
  const fail = (at: number | undefined, problem: string) => {
    const line = at === undefined ? 1 : lines.linePos(at).line
    return new LabError('rubric-broken', `${file}, line ${line}: ${problem}.`, {
      advice: 'npm run grade -- --init writes one with every setting explained.',
    })
  }
  const [error] = document.errors
  if (error)
    throw fail(error.pos[0], error.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? "it isn't valid YAML")
  const checked = v.safeParse(Rubric, document.toJS())
  const at = (path: readonly unknown[]) => {
    for (let length = path.length; length > 0; length--) {
      const keys = path.slice(0, length)
      // A lesson's number is a number to YAML, and text to the schema.
      const numbers = keys.map((key) => (/^\d+$/.test(String(key)) ? Number(key) : key))
      const node = document.getIn(keys, true) ?? document.getIn(numbers, true)
      if (isNode(node)) return node.range?.[0]
    }
    return undefined
  }
  if (!checked.success) {
    const [issue] = checked.issues
    const path = (issue.path ?? []).map(({ key }) => key)
    const where = path.length === 0 ? '' : `'${path.join('.')}': `
    throw fail(at(path), `${where}${issue.message.replace(/\.$/, '')}`)
  }
  const rubric = checked.output
  const named = Object.entries(rubric.lessons).map(([key, value]) => {
    const name = lessons.find((lesson) => lesson === key || Number(lesson.slice(0, 2)) === Number(key))
    if (name === undefined) throw fail(at(['lessons', key]), `there is no lesson '${key}'`)
    return [name, value] as const
  })
  return { ...rubric, lessons: Object.fromEntries(named) }
}

/** @throws LabError 'rubric-broken' or 'rubric-not-read' */
export function readRubric(file: string, lessons: string[]): Rubric {
  try {
    return parseRubric(readFileSync(file, 'utf8'), file, lessons)
  } catch (error) {
    if (error instanceof LabError) throw error
    throw new LabError('rubric-not-read', `${file} can't be read: ${(error as Error).message}.`, {
      advice: 'npm run grade -- --init writes a rubric with every setting explained.',
      cause: error,
    })
  }
}
