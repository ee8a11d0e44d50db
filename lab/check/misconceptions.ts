import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { LabError } from '../errors.ts'

/** What a check tells a student of a misconception. */
const Misconception = v.strictObject({
  /** One sentence for the student. */
  says: v.pipe(v.string(), v.minLength(1)),
  /** A heading of lesson.md, word for word: the part to read again. */
  read: v.pipe(v.string(), v.minLength(1)),
})

const Misconceptions = v.record(
  v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'An ID has small letters, digits and hyphens only')),
  Misconception,
)
export type Misconceptions = v.InferOutput<typeof Misconceptions>

/**
 * Reads checks/NN-slug/misconceptions.yaml: by ID, what it looks like and what to read again.
 *
 * @throws LabError 'misconceptions-broken' where the file is not as it should be; it says where
 */
export function misconceptionsOf(lesson: string, root: string): Misconceptions {
  const path = join('checks', lesson, 'misconceptions.yaml')
  try {
    return v.parse(Misconceptions, parse(readFileSync(join(root, path), 'utf8')))
  } catch (error) {
    const where = v.isValiError(error) ? `${v.getDotPath(error.issues[0])}: ` : ''
    throw new LabError('misconceptions-broken', `${path} can't be read: ${where}${(error as Error).message}`, {
      advice: "Each misconception is an ID with two texts: 'says' and 'read'.",
    })
  }
}
