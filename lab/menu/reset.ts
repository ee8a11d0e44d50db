import { reset as resetExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { Context, LessonScreen, Next } from './context.ts'
import { confirm } from './question.ts'

/** Puts the exercise back to the starter, and says where the copy of what was there is. */
export const reset: LessonScreen = async (context, { lesson }) => {
  const file = shown(context.root, lesson.exercise)
  const message = `Put ${file} back to the starter? A dated copy of yours is kept.`
  if (!(await confirm(context, message))) return { go: 'lesson', lesson }
  const copy = await resetExercise(lesson, context.state)
  const notice = copy
    ? `${file} is the starter again. Yours is kept as ${shown(context.root, copy)}; z puts it back.`
    : `${file} is the starter as it is: there was nothing to reset.`
  return { go: 'lesson', lesson, notice }
}

/** The same for every lesson that has been begun; what has passed stays remembered. */
export async function resetAll(context: Context): Promise<Next> {
  const begun = context.view.lessons.filter(({ state }) => state !== 'new').map(({ lesson }) => lesson)
  const here = context.current?.lesson ?? context.view.lessons[0]?.lesson
  const back = (notice?: string): Next =>
    here === undefined ? { go: 'list' } : { go: 'lesson', lesson: here, ...(notice === undefined ? {} : { notice }) }
  if (begun.length === 0) return back('Every exercise is the starter as it is: there is nothing to reset.')
  const message = `Put all exercises back to their starters (${begun.length} are begun)? A dated copy of each is kept.`
  if (!(await confirm(context, message))) return { go: 'list' }
  const kept: string[] = []
  for (const lesson of begun) {
    const copy = await resetExercise(lesson, context.state)
    if (copy) kept.push(shown(context.root, copy))
  }
  return back(['All exercises are starters again. Yours are kept, and z puts one back:', ...kept].join('\n'))
}
