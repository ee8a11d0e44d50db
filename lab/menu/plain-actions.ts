import { textOf } from '../lessons/catalogue.ts'
import { ensureExercise, reset } from '../lessons/exercise.ts'
import { readIfThere, shown } from '../lessons/files.ts'
import { hintsOf } from '../lessons/hints.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { quizOf } from '../lessons/quiz.ts'
import { markHint, nextHint, stepToHint } from '../progress/hints.ts'
import { hasPassed } from '../progress/state.ts'
import { highlight } from '../text/code.ts'
import { renderMarkdown } from '../text/markdown.ts'
import type { Theme } from '../text/theme.ts'
import { wrap } from '../text/wrap.ts'
import { mapLines } from './map.ts'
import { overview } from './overview.ts'
import { predictionLines } from './predict.ts'

interface Place {
  root: string
  state: string
  theme: Theme
}

type Action = (lesson: Lesson, place: Place) => Promise<string>

/** What the menu does with a key, for terminals that show no menu: `npm run lab -- hint 2`. */
export const PLAIN_ACTIONS: Record<string, Action> = { read, quiz, hint, map, solution, reset: putBack }

async function read(lesson: Lesson, { root, theme }: Place): Promise<string> {
  await ensureExercise(lesson)
  return `${renderMarkdown(await textOf(lesson), theme)}\nYour file:  ${shown(root, lesson.exercise)}\n`
}

async function quiz(lesson: Lesson, { root, state, theme }: Place): Promise<string> {
  const asked = await quizOf(lesson)
  if (asked === undefined) return 'This lesson has no question.\n'
  const { progress } = await overview(root, state)
  if (hasPassed(progress, lesson.name)) {
    return `${predictionLines(asked, progress.lessons[lesson.name]?.predicted, theme).join('\n')}\n`
  }
  const choices = asked.choices.flatMap(({ text }) => wrap(`- ${text}`, theme.width))
  return `${[...wrap(asked.question, theme.width), '', ...choices, '', 'After a pass, this command shows the answer.'].join('\n')}\n`
}

async function hint(lesson: Lesson, { root, state, theme }: Place): Promise<string> {
  const entry = (await overview(root, state)).progress.lessons[lesson.name]
  const step = stepToHint(entry)
  const hints = await hintsOf(lesson, step)
  if (hints.length === 0) return `There are no hints for step ${step} of this lesson.\n`
  const next = nextHint(entry, step, hints.length)
  await markHint(root, lesson.name, next, state)
  const title = `### Step ${step}, hint ${next.number} of ${hints.length}`
  return renderMarkdown([title, hints[next.number - 1] ?? '', next.locked ?? ''].join('\n\n'), theme)
}

async function map(lesson: Lesson, { root, state, theme }: Place): Promise<string> {
  return `${mapLines(await overview(root, state), lesson.number, theme).join('\n')}\n`
}

async function solution(lesson: Lesson, { root, theme }: Place): Promise<string> {
  const [code, notes] = await Promise.all([readIfThere(lesson.solution), readIfThere(lesson.notes)])
  if (code === undefined) return `${shown(root, lesson.solution)} is not there.\n`
  const why = notes === undefined ? '' : `\n${renderMarkdown(notes, theme)}`
  return `${shown(root, lesson.solution)}\n\n${highlight(code.trimEnd(), 'ts', theme)}\n${why}`
}

async function putBack(lesson: Lesson, { root, state }: Place): Promise<string> {
  const file = shown(root, lesson.exercise)
  const copy = await reset(lesson, state)
  if (copy === undefined) return `${file} is still the starter, so there was nothing to reset.\n`
  return `${file} is the starter again. Your file is kept as ${shown(root, copy)}.\n`
}
