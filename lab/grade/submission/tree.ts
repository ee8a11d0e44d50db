import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path/posix'
import type { Lesson } from '../../lessons/lesson.ts'
import { type Layout, MOST_BYTES, readExercise } from './layout.ts'
import { lessonNamed } from './lesson-named.ts'

const CODE = /\.([cm]?[jt]s|json)$/i
/** They say how code is built; the lab knows that already. */
const NOT_NEEDED = /^(package(-lock)?|tsconfig.*)\.json$/i
export const MOST_FILES = 300
const MOST_TREE_BYTES = 8 * 2 ** 20

/** A file of the tree that is judged. */
export interface TreeFile {
  path: string
  text: string
}

/**
 * A submission in the one shape that checks know: NN-slug/exercise.ts, with what lies beside it, and what lies beside the
 * lessons. Source files only, and regular ones only.
 */
export function treeOf(folder: string, layout: Layout, lessons: Pick<Lesson, 'name' | 'number'>[]): TreeFile[] {
  const files = new Map<string, string>()
  let bytes = 0
  const add = (path: string, text: string) => {
    bytes += text.length
    if (files.size < MOST_FILES && bytes <= MOST_TREE_BYTES) files.set(path, text)
  }
  for (const [lesson, { text }] of layout.exercises) add(`${lesson}/exercise.ts`, text)
  const candidates = layout.walked.files.filter((file) => CODE.test(file) && !NOT_NEEDED.test(basename(file)))
  const bases = new Set<string>()
  for (const [lesson, { path, hasFolder }] of layout.exercises) {
    const own = dirname(path)
    if (!hasFolder) {
      bases.add(own)
      continue
    }
    bases.add(dirname(own))
    const prefix = own === '.' ? '' : `${own}/`
    for (const file of candidates.filter((each) => each.startsWith(prefix) && each !== path))
      put(`${lesson}/${file.slice(prefix.length)}`, file)
  }
  for (const base of bases) {
    const prefix = base === '.' ? '' : `${base}/`
    for (const file of candidates.filter((each) => each.startsWith(prefix))) {
      const inside = file.slice(prefix.length)
      const isOfALesson = inside
        .split('/')
        .slice(0, -1)
        .some((name) => lessonNamed(name, lessons))
      if (!isOfALesson) put(inside, file)
    }
  }
  return [...files].map(([path, text]) => ({ path, text }))

  function put(path: string, file: string): void {
    if (files.has(path) || statSync(join(folder, file)).size > MOST_BYTES) return
    const { text } = readExercise(folder, file)
    if (text !== undefined) add(path, text)
  }
}

/** Writes the tree of a submission into an empty folder. */
export function writeTree(folder: string, files: TreeFile[]): void {
  for (const { path, text } of files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** What the verdict of a lesson depends on: its own files, and those that belong to no lesson. */
export function filesOfLesson(files: TreeFile[], lesson: string, lessons: Pick<Lesson, 'name'>[]): TreeFile[] {
  const others = new Set(lessons.map(({ name }) => name))
  return files.filter(({ path }) => {
    const [first = ''] = path.split('/')
    return first === lesson || !others.has(first)
  })
}
