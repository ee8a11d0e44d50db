import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path/posix'
import type { Lesson } from '../../lessons/lesson.ts'
import { lessonNamed, lessonOfFile } from './lesson-named.ts'
import { textOfFile } from './text-file.ts'
import { type Walked, walk } from './walk.ts'

/** A source file that is longer than this was written by no student. */
export const MOST_BYTES = 512 * 1024

/** Where the exercise of a lesson is in a submission. */
export interface FoundExercise {
  /** From the submission's folder. */
  path: string
  /** The file to judge, in one shape. */
  text: string
  /** Its folder is the lesson's: what else is in it belongs to the exercise. */
  hasFolder: boolean
  /** When it was last changed, in milliseconds since 1970. */
  modifiedMs: number
  notes: string[]
}

export interface Layout {
  /** By lesson. */
  exercises: Map<string, FoundExercise>
  /** What else is worth knowing of the submission. */
  notes: string[]
  walked: Walked
}

type Named = Pick<Lesson, 'name' | 'number'>
type Wanted = Named & { starterText: string }

/**
 * Finds the exercises of a submission, wherever its student put them, and says where.
 *
 * @param lessons those to judge
 * @param all every lesson: what belongs to another one is none of these
 */
export function layoutOf(folder: string, lessons: Wanted[], all: Named[] = lessons): Layout {
  const walked = walk(folder)
  const exercises = new Map<string, FoundExercise>()
  for (const lesson of lessons) {
    const found = exerciseOf(lesson, { all, isOnly: lessons.length === 1 }, folder, walked.files)
    if (found) exercises.set(lesson.name, found)
  }
  const notes = [
    ...walked.odd.map((path) => `${path} is a link or a special file, so it was not read.`),
    ...(walked.isCut ? ['It has too many files, so the lab did not look at all of them.'] : []),
  ]
  return { exercises, notes, walked }
}

function exerciseOf(
  lesson: Wanted,
  { all, isOnly }: { all: Named[]; isOnly: boolean },
  folder: string,
  files: string[],
): FoundExercise | undefined {
  const lessonOf = (file: string) => lessonNamed(basename(dirname(file)), all)?.name
  const own = (file: string) => lessonOf(file) === lesson.name
  const named = (name: string) => files.filter((file) => own(file) && basename(file).toLowerCase() === name)
  const alone = files.filter((file) => lessonOfFile(basename(file), all)?.name === lesson.name)
  // Where one lesson only is handed in, its file may lie anywhere.
  const isLoose = (file: string) => basename(file) === 'exercise.ts' && lessonOf(file) === undefined
  const only = isOnly ? files.filter(isLoose) : []
  const candidates = [...new Set([...named('exercise.ts').sort(nearest), ...alone, ...only.sort(nearest)])]
  const [path, ...others] = candidates
  const also = others.map((other) => `There is also ${other}, which was not judged.`)
  const starter = named('starter.ts').sort(nearest)[0]
  const read = path === undefined ? undefined : readExercise(folder, path)
  const edited = starter === undefined ? undefined : readExercise(folder, starter)
  const isBegun = read?.text !== undefined && !isSame(read.text, lesson.starterText)
  if (!isBegun && starter !== undefined && edited?.text !== undefined && !isSame(edited.text, lesson.starterText)) {
    const notes = ['starter.ts was edited instead of exercise.ts, so it was judged as the exercise.', ...also]
    return found(folder, starter, edited.text, true, notes)
  }
  if (path === undefined || read === undefined) return undefined
  if (read.text === undefined) return undefined
  const notes = [...(isBegun ? [] : ['It is the unchanged starter.']), ...read.notes, ...also]
  return found(folder, path, read.text, own(path) || only.includes(path), notes)
}

function found(folder: string, path: string, text: string, hasFolder: boolean, notes: string[]): FoundExercise {
  return { path, text, hasFolder, modifiedMs: Math.round(statSync(join(folder, path)).mtimeMs), notes }
}

/** Undefined text: it can't be read as a source file. */
export function readExercise(folder: string, path: string): { text: string | undefined; notes: string[] } {
  const file = join(folder, path)
  if (statSync(file).size > MOST_BYTES) return { text: undefined, notes: [`${path} is too large.`] }
  const bytes = readFileSync(file)
  const text = textOfFile(bytes)
  const isOdd = text !== undefined && text !== bytes.toString('utf8')
  return { text, notes: isOdd ? [`${path} has a byte order mark or Windows line endings, which are both fine.`] : [] }
}

/** In lessons/ before elsewhere, and higher up before deeper down. */
function nearest(one: string, other: string): number {
  const isUnderLessons = (path: string) => Number(/(^|\/)lessons\/[^/]+\/[^/]+$/.test(path))
  const depth = (path: string) => path.split('/').length
  return isUnderLessons(other) - isUnderLessons(one) || depth(one) - depth(other) || (one < other ? -1 : 1)
}

function isSame(one: string, other: string): boolean {
  const bare = (text: string) =>
    text
      .replace(/\r\n?/g, '\n')
      .replace(/[ \t]+$/gm, '')
      .trim()
  return bare(one) === bare(other)
}
