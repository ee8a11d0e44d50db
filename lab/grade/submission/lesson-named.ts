import type { Lesson } from '../../lessons/lesson.ts'

type Named = Pick<Lesson, 'name' | 'number'>

/** The lesson that a folder's name means: '04-ack-consumer', '04', '4', 'lesson-04', 'Lesson 4 (final)'. */
export function lessonNamed<T extends Named>(name: string, lessons: T[]): T | undefined {
  const exact = lessons.find((lesson) => lesson.name === name.toLowerCase())
  if (exact) return exact
  const [, digits] = /^(?:lesson|exercise|ex)?[-_ ]*(\d{1,2})(?:[-_ .].*)?$/i.exec(name) ?? []
  return digits === undefined ? undefined : lessons.find(({ number }) => number === Number(digits))
}

/** The lesson whose exercise a file is by its own name: '04-ack-consumer.ts', '04-ack-consumer-exercise.ts'. */
export function lessonOfFile<T extends Named>(name: string, lessons: T[]): T | undefined {
  const stem = /^(.+?)(?:[-_.]exercise)?\.ts$/i.exec(name)?.[1]?.toLowerCase()
  return lessons.find((lesson) => lesson.name === stem)
}
