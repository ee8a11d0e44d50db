import { reset as resetExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { Context, LessonScreen, Next } from './context.ts'
import { confirm } from './question.ts'

/** Puts the exercise back to the starter, and says where the copy of what was there is. */
export const reset: LessonScreen = async (context, { lesson }) => {
  const file = shown(context.root, lesson.exercise)
  const message = `Reset ${file} to the starter? The lab keeps a dated copy of your file.`
  if (!(await confirm(context, message))) return { go: 'lesson', lesson }
  const copy = await resetExercise(lesson, context.state)
  const notice = copy
    ? `${file} is the starter again. Your file is kept as ${shown(context.root, copy)}; z restores it.`
    : `${file} is still the starter, so there was nothing to reset.`
  return { go: 'lesson', lesson, notice }
}

/** The same for every lesson that has been begun; what has passed stays remembered. */
export async function resetAll(context: Context): Promise<Next> {
  const begun = context.view.lessons.filter(({ state }) => state !== 'new').map(({ lesson }) => lesson)
  const here = context.current?.lesson ?? context.view.lessons[0]?.lesson
  const back = (notice?: string): Next =>
    here === undefined ? { go: 'list' } : { go: 'lesson', lesson: here, ...(notice === undefined ? {} : { notice }) }
  if (begun.length === 0) return back('Every exercise is still the starter, so there is nothing to reset.')
  const message = `Reset all exercises to their starters? You have begun ${begun.length}. The lab keeps a dated copy of each.`
  if (!(await confirm(context, message))) return { go: 'list' }
  const kept: string[] = []
  for (const lesson of begun) {
    const copy = await resetExercise(lesson, context.state)
    if (copy) kept.push(shown(context.root, copy))
  }
  return back(['All exercises are starters again. Your files are kept, and z restores one:', ...kept].join('\n'))
}
