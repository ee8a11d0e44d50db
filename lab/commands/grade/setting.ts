import { readFile } from 'node:fs/promises'
import { misconceptionsOf } from '../../check/misconceptions.ts'
import type { ClassSetting, GradedLesson } from '../../grade/graded.ts'
import { DEFAULT_RUBRIC, readRubric } from '../../grade/points/rubric.ts'
import { readStudents, readSubmitted } from '../../grade/students.ts'
import { hintsOf } from '../../lessons/hints.ts'
import type { Lesson } from '../../lessons/lesson.ts'
import { ROOT } from '../../root.ts'

interface Given {
  rubric: string | undefined
  students: string | undefined
  submitted: string | undefined
  details: ClassSetting['details'] | undefined
}

/** What is the same for a whole class, from files that are checked before anything is judged. */
export async function settingOf(
  lessons: Lesson[],
  all: Lesson[],
  given: Given,
  notice: string | undefined,
): Promise<ClassSetting> {
  const { rubric, students, submitted, details = 'failed' } = given
  const names = all.map(({ name }) => name)
  return {
    lessons: await Promise.all(lessons.map(gradedLesson)),
    rubric: rubric === undefined ? DEFAULT_RUBRIC : readRubric(rubric, names),
    students: students === undefined ? [] : readStudents(students),
    submitted: submitted === undefined ? undefined : readSubmitted(submitted),
    details,
    notice,
    at: new Date().toISOString(),
  }
}

const MOST_STEPS = 9

async function gradedLesson(lesson: Lesson): Promise<GradedLesson> {
  const { name, number, title } = lesson
  const steps = Array.from({ length: MOST_STEPS }, (_, index) => index + 1)
  const hints = await Promise.all(steps.map(async (step) => [step, (await hintsOf(lesson, step))[0]] as const))
  return {
    ...{ name, number, title },
    misconceptions: misconceptionsOf(name, ROOT),
    background: await Promise.all([lesson.starter, lesson.solution].map((file) => readFile(file, 'utf8'))),
    hints: Object.fromEntries(hints.filter(([, hint]) => hint !== undefined)) as Record<number, string>,
  }
}
