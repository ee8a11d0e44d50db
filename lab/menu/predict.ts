import type { Lesson } from '../lessons/lesson.ts'
import { type Quiz, quizOf, rightOf } from '../lessons/quiz.ts'
import { hasPassed } from '../progress/state.ts'
import { markPrediction } from '../progress/way.ts'
import { spell } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { indent, wrap } from '../text/wrap.ts'
import type { Context, LessonScreen } from './context.ts'
import { pager } from './pager.ts'
import { ask } from './question.ts'
import { lines } from './screen.ts'

/** The lesson's question: what was predicted, or the question itself. */
export const quiz: LessonScreen = async (context, { lesson }) => {
  const asked = await quizOf(lesson)
  if (asked === undefined) return { go: 'lesson', lesson, notice: 'This lesson has no question.' }
  const { predicted } = context.view.progress.lessons[lesson.name] ?? {}
  if (hasPassed(context.view.progress, lesson.name)) {
    return pager(context, lesson, `quiz ${lesson.name}`, () => predictionLines(asked, predicted, context.theme()))
  }
  if (predicted === undefined) await predict(context, lesson)
  await context.refresh()
  const now = context.view.progress.lessons[lesson.name]?.predicted
  const choice = now === undefined ? undefined : asked.choices[now]
  if (choice === undefined) return { go: 'lesson', lesson }
  const notice = `${asked.question}\nYou predicted: ${choice.text}\nThe lab comes back to it when you pass.`
  return { go: 'lesson', lesson, notice }
}

/** Asks what the student expects, and keeps the answer. With Esc it stays open. Returns whether there is one now. */
export async function predict(context: Context, lesson: Lesson): Promise<boolean> {
  const asked = await quizOf(lesson)
  if (asked === undefined) return false
  const answer = await ask<number>(context, () => {
    const theme = context.theme()
    return {
      type: 'select',
      message: spell(`Before you write a line: what do you expect?\n\n${asked.question}\n`, theme),
      choices: asked.choices.map(({ text }, value) => ({ value, name: choiceLines(text, theme) })),
    }
  })
  if (answer === undefined) return false
  await markPrediction(context.root, lesson.name, answer, context.state)
  return true
}

/** A choice may be longer than a line: the others begin below its first word. */
function choiceLines(text: string, theme: Theme): string {
  return indent(wrap(spell(text, theme), theme.width - 3), '', '  ').join('\n')
}

/** After a pass: the question, what was predicted, why it is right or wrong, and what the recording showed. */
export function predictionLines(quiz: Quiz, predicted: number | undefined, theme: Theme): string[] {
  const right = quiz.choices[rightOf(quiz)]
  const choice = predicted === undefined ? undefined : quiz.choices[predicted]
  const paragraphs = [quiz.question]
  if (choice !== undefined) paragraphs.push(`You predicted: ${choice.text}`)
  if (choice?.right) paragraphs.push(`That's right. ${choice.why}`)
  else {
    if (choice !== undefined) paragraphs.push(`Not quite. ${choice.why}`)
    paragraphs.push(`The answer: ${right?.text} ${right?.why}`)
  }
  paragraphs.push(`The recording shows it: ${quiz.shown}`)
  return paragraphs.flatMap((text) => lines(spell(text, theme), theme))
}
