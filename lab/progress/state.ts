import type { LessonProgress, Pass } from './format.ts'
import { sha256 } from './record.ts'
import type { Progress } from './store.ts'

export type LessonState = 'new' | 'begun' | 'working' | 'passed' | 'passed, changed since'

/**
 * Where a student is with a lesson.
 *
 * @param content The student's file; undefined where there is none yet.
 * @param starter What the file was made from: as long as it is that, nothing has begun.
 */
export function stateOf(entry: LessonProgress | undefined, content: string | undefined, starter = ''): LessonState {
  if (entry && entry.passed.length > 0) {
    return passesOf(entry, content).length > 0 ? 'passed' : 'passed, changed since'
  }
  if (content === undefined || content === starter) return 'new'
  return entry?.working ? 'working' : 'begun'
}

/** Did this content pass on RabbitMQ, which decides, or so far on a stand-in only? */
export function passedOn(entry: LessonProgress | undefined, content: string | undefined): Pass | undefined {
  const passes = entry ? passesOf(entry, content) : []
  return passes.findLast(({ product }) => product === 'RabbitMQ') ?? passes.at(-1)
}

export function hasPassed(progress: Progress, lesson: string): boolean {
  return (progress.lessons[lesson]?.passed.length ?? 0) > 0
}

/** The lesson to go on with: the first that has not passed; undefined when all have. */
export function nextLesson<L extends { name: string }>(lessons: L[], progress: Progress): L | undefined {
  return lessons.find(({ name }) => !hasPassed(progress, name))
}

/** A lesson is open when the one before it works; the first always is, and so is one that has been begun to good effect. */
export function isOpen<L extends { name: string }>(lessons: L[], lesson: L, progress: Progress): boolean {
  const worked = (name: string | undefined) =>
    name === undefined || progress.lessons[name]?.working === true || hasPassed(progress, name)
  const before = lessons[lessons.findIndex(({ name }) => name === lesson.name) - 1]
  return worked(before?.name) || worked(lesson.name)
}

function passesOf(entry: LessonProgress, content: string | undefined): Pass[] {
  if (content === undefined) return []
  const sum = sha256(content)
  return entry.passed.filter((pass) => pass.sha256 === sum)
}
