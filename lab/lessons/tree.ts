import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LabError } from '../errors.ts'
import { exists, isMissing, messageOf } from './files.ts'
import { LESSON_NAME, type Lesson } from './lesson.ts'

/** A folder with one `NN-slug/exercise.ts` per lesson: `lessons/`, `solutions/`, or a submission anywhere on disk. */
export interface Tree {
  dir: string
  /** True for `lessons/`: only there progress is kept, and a missing exercise made from the starter. */
  isStudents: boolean
  /** Where a lesson's exercise is in this tree; whether it is there is another matter. */
  file(lesson: Pick<Lesson, 'name'>): string
}

/**
 * The tree at `dir`, by default the project's `lessons/`.
 *
 * @param from Where a relative `dir` counts from: where the command was typed, which npm keeps in INIT_CWD.
 */
export async function tree(root: string, dir?: string, from = process.env.INIT_CWD ?? process.cwd()): Promise<Tree> {
  const own = join(root, 'lessons')
  const path = dir === undefined ? own : resolve(from, dir)
  if (path !== own) await checkTree(path)
  return { dir: path, isStudents: path === own, file: ({ name }) => join(path, name, 'exercise.ts') }
}

async function checkTree(path: string): Promise<void> {
  const shape =
    'A tree is a folder with one NN-slug/exercise.ts per lesson, such as 02-retrying-connection/exercise.ts.'
  const entries = await readdir(path).catch((error: unknown) => {
    const problem = isMissing(error) ? "isn't a folder" : `can't be read: ${messageOf(error)}`
    throw new LabError('no-tree', `${path} ${problem}.`, { advice: shape, cause: error })
  })
  if (entries.some((name) => LESSON_NAME.test(name))) return
  const isOneLesson = await exists(join(path, 'exercise.ts'))
  throw new LabError('no-tree', `${path} contains no lesson.`, {
    advice: isOneLesson ? `It is one lesson's own folder: give the folder above it. ${shape}` : shape,
  })
}
