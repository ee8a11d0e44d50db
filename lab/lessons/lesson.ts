import { join } from 'node:path'

/** A lesson of the catalogue: what its front matter says, and where its parts are. Every path is absolute. */
export interface Lesson {
  /** '02-retrying-connection': its folder, and its name everywhere. */
  name: string
  number: number
  title: string
  minutes: number
  /** Names of the earlier lessons that it builds on. */
  buildsOn: string[]
  /** What its exercise must export. */
  exports: string[]
  folder: string
  /** The lesson's text, the hints and the starter: the project's own. */
  text: string
  hints: string
  /** The question that is asked before the first check. */
  quiz: string
  starter: string
  /** The student's own file. */
  exercise: string
  /** The instructor's solution, and why it is written so. */
  solution: string
  notes: string
}

export const LESSON_NAME = /^\d\d-[a-z0-9]+(?:-[a-z0-9]+)*$/

/** '02' of '02-retrying-connection': how a lesson is called in a command. */
export function shortName(lesson: Pick<Lesson, 'name'>): string {
  return lesson.name.slice(0, 2)
}

/** Where the parts of a lesson of this name are in the project at `root`. */
export function partsOf(root: string, name: string): Omit<Lesson, 'title' | 'minutes' | 'buildsOn' | 'exports'> {
  const folder = join(root, 'lessons', name)
  return {
    name,
    number: Number(name.slice(0, 2)),
    folder,
    text: join(folder, 'lesson.md'),
    hints: join(folder, 'hints.md'),
    quiz: join(folder, 'quiz.yaml'),
    starter: join(folder, 'starter.ts'),
    exercise: join(folder, 'exercise.ts'),
    solution: join(root, 'solutions', name, 'exercise.ts'),
    notes: join(root, 'solutions', name, 'notes.md'),
  }
}
