import { textOf } from '../lessons/catalogue.ts'
import { exerciseContent } from '../lessons/exercise.ts'
import { readIfThere } from '../lessons/files.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { MILESTONES } from '../lessons/map.ts'
import { type Quiz, quizOf } from '../lessons/quiz.ts'
import type { LessonProgress } from '../progress/format.ts'
import type { Theme } from '../text/theme.ts'
import { mapLines } from './map.ts'
import type { Overview, Standing } from './overview.ts'
import { predictionLines } from './predict.ts'
import { lines } from './screen.ts'

/** What the screen of a pass tells, and has to be read from files. */
export interface PassFacts {
  quiz: Quiz | undefined
  /** Lines of code, without comments and empty lines. */
  own: number
  solution: number
  /** What the notes on the solution are about. */
  notes: string[]
  /** The first sentence of the next lesson. */
  story: string | undefined
}

export async function passFacts(lesson: Lesson, following: Lesson | undefined): Promise<PassFacts> {
  const [quiz, own, solution, notes, story] = await Promise.all([
    quizOf(lesson).catch(() => undefined),
    exerciseContent(lesson),
    readIfThere(lesson.solution),
    readIfThere(lesson.notes),
    following && textOf(following).catch(() => undefined),
  ])
  return {
    quiz,
    own: linesOfCode(own ?? ''),
    solution: linesOfCode(solution ?? ''),
    notes: [...(notes ?? '').matchAll(/^\*\*(.+?)\.?\*\*/gm)].map(([, topic = '']) => topic.replaceAll('`', '')),
    story: story === undefined ? undefined : firstSentence(story),
  }
}

/** What a pass brings: what can be done now, how long it took, the prediction, the picture, the solution, what is next. */
export function passLines(
  lesson: Lesson,
  view: Overview,
  following: Standing | undefined,
  facts: PassFacts | undefined,
  theme: Theme,
): string[] {
  const entry = view.progress.lessons[lesson.name]
  const milestone = MILESTONES.find(({ lesson: number }) => number === lesson.number)
  const said = [milestone?.can, effort(entry)].filter((each) => each !== undefined)
  const out = said.length > 0 ? [...lines(said.join(' '), theme), ''] : []
  if (facts?.quiz) out.push(...predictionLines(facts.quiz, entry?.predicted, theme), '')
  if (milestone) out.push(...mapLines(view, lesson.number, theme), '')
  if (facts && facts.solution > 0) out.push(...lines(beside(facts), theme), '')
  if (following) {
    const story = facts?.story === undefined ? '' : ` ${facts.story}`
    out.push(...lines(`Next: ${shortName(following.lesson)} ${following.lesson.title}.${story} n goes on.`, theme))
  } else out.push(...lines('This is the last lesson.', theme))
  return out
}

/** 'It took 24 minutes and 5 checks.' */
function effort(entry: LessonProgress | undefined): string | undefined {
  const { begun, checks } = entry ?? {}
  const at = entry?.passed[0]?.at
  const parts = [
    begun === undefined || at === undefined ? undefined : duration(Date.parse(at) - Date.parse(begun)),
    checks === undefined ? undefined : `${checks} ${checks === 1 ? 'check' : 'checks'}`,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : `It took ${parts.join(' and ')}.`
}

export function duration(ms: number): string {
  const of = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return 'less than a minute'
  if (minutes < 120) return of(minutes, 'minute')
  return minutes < 48 * 60 ? of(Math.round(minutes / 60), 'hour') : of(Math.round(minutes / 60 / 24), 'day')
}

function beside({ own, solution, notes }: PassFacts): string {
  const topics = notes.length === 0 ? '' : ` Its notes cover: ${notes.join('; ')}.`
  const count = `${solution} ${solution === 1 ? 'line' : 'lines'} of code`
  return `The solution has ${count}, yours has ${own}.${topics} s shows it, c compares the two.`
}

function linesOfCode(source: string): number {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return code.split('\n').filter((line) => line.trim() !== '').length
}

/** The first sentence below the heading, as plain text. */
function firstSentence(markdown: string): string | undefined {
  const paragraph = markdown
    .split(/\n{2,}/)
    .map((each) => each.trim())
    .find((each) => each !== '' && !each.startsWith('#'))
  const text = paragraph
    ?.replace(/\s+/g, ' ')
    .replace(/[*`]/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
  return text?.match(/^.*?[.!?](?= |$)/)?.[0] ?? text
}
