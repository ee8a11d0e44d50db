import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../errors.ts'
import { contentError, exists, isMissing, shown } from './files.ts'
import { type Parsed, parseFrontMatter } from './front-matter.ts'
import { LESSON_NAME, type Lesson, partsOf } from './lesson.ts'

/** All lessons of the project at `root`, in their order. They are its folders `lessons/NN-slug`: no list names them. */
export async function lessons(root: string): Promise<Lesson[]> {
  const entries = await readdir(join(root, 'lessons'), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const names = entries.filter((entry) => entry.isDirectory() && LESSON_NAME.test(entry.name)).map(({ name }) => name)
  const read = await Promise.all(names.sort().map((name) => readLesson(root, name)))
  const found = read.filter((each) => each !== undefined)
  if (found.length === 0) {
    throw new LabError('no-lessons', `There is no lesson in ${join(root, 'lessons')}.`, {
      advice: 'Restore the lessons (git restore lessons), or start the lab in its own folder.',
    })
  }
  checkOrder(root, found)
  return found.map(({ lesson }) => lesson)
}

/** The text of a lesson, without its front matter. */
export async function textOf(lesson: Lesson): Promise<string> {
  return parseFrontMatter(await readFile(lesson.text, 'utf8'), lesson.text).body
}

/** The lesson that '2', '02' or '02-retrying-connection' names. */
export function findLesson(all: Lesson[], asked: string): Lesson {
  const number = /^\d{1,2}$/.test(asked) ? Number(asked) : undefined
  const lesson = all.find((each) => each.name === asked || each.number === number)
  if (lesson) return lesson
  throw new LabError('no-such-lesson', `There is no lesson '${asked}'.`, {
    advice: `These are the lessons: ${all.map(({ name }) => name).join(', ')}. A number is enough: 2 or 02.`,
  })
}

interface Read {
  lesson: Lesson
  parsed: Parsed
}

async function readLesson(root: string, name: string): Promise<Read | undefined> {
  const parts = partsOf(root, name)
  const source = await readFile(parts.text, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (source === undefined) {
    // A folder with nothing but a student's exercise is no lesson: it is kept, for a version of the lab that has it.
    if (!(await exists(parts.starter))) return undefined
    throw new LabError('lesson-broken', `${shown(root, parts.folder)} has no lesson.md.`, {
      advice: 'Write it, or restore it (git restore lessons).',
    })
  }
  const parsed = parseFrontMatter(source, shown(root, parts.text))
  return { lesson: { ...parts, ...parsed.data }, parsed }
}

/** A number is one lesson's only, and a lesson builds on earlier ones. */
function checkOrder(root: string, read: Read[]): void {
  const names = new Map(read.map(({ lesson }) => [lesson.name, lesson]))
  const byNumber = new Map<number, Lesson>()
  for (const { lesson, parsed } of read) {
    const file = shown(root, lesson.text)
    const twin = byNumber.get(lesson.number)
    if (twin) {
      throw new LabError('lesson-broken', `Two lessons have the same number: ${twin.name} and ${lesson.name}.`, {
        advice: 'Give one of the folders another number.',
      })
    }
    byNumber.set(lesson.number, lesson)
    for (const earlier of lesson.buildsOn) {
      const found = names.get(earlier)
      if (found && found.number < lesson.number) continue
      const problem = found
        ? `it builds on '${earlier}', which comes later`
        : `it builds on '${earlier}', which isn't a lesson`
      const before = read.map((each) => each.lesson.name).filter((name) => name < lesson.name)
      throw contentError(
        file,
        parsed.lineOf('buildsOn'),
        problem,
        `It can build on earlier lessons only: ${before.join(', ') || 'there are none'}.`,
      )
    }
  }
}
