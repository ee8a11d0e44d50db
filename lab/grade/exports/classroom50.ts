import * as v from 'valibot'
import type { Graded } from '../graded.ts'

const Integer = v.pipe(v.number(), v.integer(), v.minValue(0))

/** result.json of Classroom 50, 'classroom50/result/v1'. */
export const Classroom50Result = v.strictObject({
  schema: v.literal('classroom50/result/v1'),
  classroom: v.string(),
  assignment: v.string(),
  submission: v.string(),
  commit: v.string(),
  release: v.string(),
  review: v.string(),
  datetime: v.pipe(v.string(), v.isoTimestamp()),
  score: Integer,
  'max-score': Integer,
  tests: v.array(
    v.strictObject({ 'test-name': v.string(), passed: v.boolean(), score: Integer, 'max-score': Integer }),
  ),
})
export type Classroom50Result = v.InferOutput<typeof Classroom50Result>

/** A test a lesson. Scores are whole numbers there; which classroom and commit it is comes from the environment. */
export function classroom50Result({ record, points }: Graded, env: NodeJS.ProcessEnv, at: string): Classroom50Result {
  return {
    schema: 'classroom50/result/v1',
    classroom: env.CLASSROOM ?? '',
    assignment: env.ASSIGNMENT ?? 'cluster-up',
    submission: env.SUBMISSION_TAG ?? record.id,
    commit: env.COMMIT_URL ?? '',
    release: env.RELEASE_URL ?? '',
    review: env.REVIEW_URL ?? '',
    datetime: at,
    score: Math.round(points.points),
    'max-score': Math.round(points.most),
    tests: points.lessons.map(({ lesson, outcome, points, most }) => ({
      'test-name': lesson,
      passed: outcome === 'passed',
      score: Math.round(points ?? 0),
      'max-score': Math.round(most),
    })),
  }
}
