import * as v from 'valibot'
import type { LessonFeedback } from '../feedback.ts'
import { expectationsMarkdown } from '../markdown.ts'

const Visibility = v.picklist(['hidden', 'after_due_date', 'after_published', 'visible'])
const Format = v.picklist(['text', 'html', 'simple_format', 'md', 'ansi'])

/** results.json, as Gradescope's autograder reads it. */
export const GradescopeResults = v.strictObject({
  score: v.number(),
  execution_time: v.number(),
  output: v.string(),
  output_format: Format,
  visibility: Visibility,
  stdout_visibility: Visibility,
  tests: v.array(
    v.strictObject({
      score: v.number(),
      max_score: v.number(),
      status: v.picklist(['passed', 'failed']),
      name: v.string(),
      number: v.string(),
      output: v.string(),
      output_format: Format,
      tags: v.array(v.string()),
      visibility: Visibility,
    }),
  ),
})
export type GradescopeResults = v.InferOutput<typeof GradescopeResults>

/** A test a step. Only for who is judged completely: a score that is not known can't be said. */
export function gradescopeResults(
  feedback: LessonFeedback[],
  { points, durationMs, notice }: { points: number; durationMs: number; notice: string | undefined },
): GradescopeResults {
  return {
    score: points,
    execution_time: Math.round(durationMs / 1000),
    output: notice ?? '',
    output_format: 'text',
    visibility: 'visible',
    stdout_visibility: 'hidden',
    tests: feedback.flatMap((lesson) => {
      const { name, number, title } = lesson.lesson
      const about = { tags: [name], output_format: 'md' as const, visibility: 'visible' as const }
      if (lesson.steps.length === 0) {
        const { points, most } = lesson.points
        const status = 'failed' as const
        return [
          {
            ...about,
            score: points ?? 0,
            max_score: most,
            status,
            name: `${title}`,
            number: `${number}`,
            output: lesson.summary,
          },
        ]
      }
      return lesson.steps.map((step) => ({
        ...about,
        score: step.points,
        max_score: step.most,
        status: step.state === 'passed' ? ('passed' as const) : ('failed' as const),
        name: `${title}: ${step.title}`,
        number: `${number}.${step.step}`,
        output: expectationsMarkdown(step.expectations),
      }))
    }),
  }
}
