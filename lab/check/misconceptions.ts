import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { LabError } from '../errors.ts'

/** What a check tells a student of a misconception. */
export interface Misconception {
  /** One sentence for the student. */
  says: string
  /** A heading of lesson.md, word for word: the part to read again. */
  read: string
}

/** By ID. */
export type Misconceptions = Record<string, Misconception>

const ID = v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'an ID may have only lowercase letters, digits and hyphens'))

/** By heading of lesson.md, and then by ID: the sentence. */
const File = v.pipe(
  v.record(v.string(), v.record(ID, v.pipe(v.string(), v.minLength(1)))),
  v.check(
    (file) =>
      new Set(Object.values(file).flatMap(Object.keys)).size === Object.values(file).flatMap(Object.keys).length,
    'an ID appears under two headings',
  ),
)

/**
 * Reads checks/NN-slug/misconceptions.yaml.
 *
 * @throws LabError 'misconceptions-broken' where the file is not as it should be; it says where
 */
export function misconceptionsOf(lesson: string, root: string): Misconceptions {
  const path = join('checks', lesson, 'misconceptions.yaml')
  try {
    const file = v.parse(File, parse(readFileSync(join(root, path), 'utf8')))
    const all = Object.entries(file).flatMap(([read, sentences]) =>
      Object.entries(sentences).map(([id, says]) => [id, { says, read }] as const),
    )
    return Object.fromEntries(all)
  } catch (error) {
    const where = v.isValiError(error) ? (v.getDotPath(error.issues[0]) ?? '') : ''
    const what = `${path} can't be read: ${where && `${where}: `}${(error as Error).message}`
    throw new LabError('misconceptions-broken', what, {
      advice: 'Under each heading of lesson.md, write one line for each misconception: its ID, and one sentence.',
      cause: error,
    })
  }
}
