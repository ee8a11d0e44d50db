import { type Lesson, shortName } from '../lessons/lesson.ts'
import { widthOf } from '../text/wrap.ts'
import type { Context, LessonAction, Next } from './context.ts'
import type { Standing } from './overview.ts'
import type { Key } from './screen.ts'

interface KeyDoes {
  key: Key
  /** In the line below the screen. */
  short: string
  /** In the help. */
  does: string
  go?: LessonAction
}

/** What the keys of a lesson do, the most needed first: the one list of them. */
export const LESSON_KEYS: KeyDoes[] = [
  { key: 'd', short: 'read', does: 'read the lesson', go: 'read' },
  { key: 'h', short: 'hint', does: 'a hint for your current step', go: 'hint' },
  { key: 'i', short: 'idea', does: 'what a failure looks like; the second time, the verdict says so by itself' },
  { key: 'r', short: 'check', does: 'check the exercise now' },
  { key: 'n', short: 'next', does: 'on to the next lesson' },
  { key: 'u', short: 'run', does: 'run your service, and send it tasks', go: 'run' },
  { key: 't', short: 'trace', does: 'the trace of everything that failed', go: 'trace' },
  { key: 'o', short: 'open', does: 'open the exercise in your editor ($VISUAL, $EDITOR, or code)', go: 'edit' },
  { key: 'p', short: 'predict', does: "the lesson's question, and what you predicted", go: 'quiz' },
  { key: 'l', short: 'list', does: 'all lessons' },
  { key: '?', short: 'help', does: 'this help', go: 'help' },
  { key: 'q', short: 'quit', does: 'quit' },
  { key: 's', short: 'solution', does: 'the solution, and why it is written that way', go: 'solution' },
  { key: 'c', short: 'compare', does: 'your exercise beside the solution', go: 'compare' },
  { key: 'm', short: 'management', does: "RabbitMQ's management page, with its login", go: 'management' },
  { key: 'v', short: 'confirm', does: 'confirm a pass on RabbitMQ now' },
  { key: 'w', short: 'map', does: 'the map: the shop so far, and where you are', go: 'map' },
  { key: 'x', short: 'reset', does: 'put the starter back, and keep a dated copy of your file', go: 'reset' },
  { key: 'z', short: 'restore', does: 'restore one of these copies', go: 'restore' },
]

export function isLessonKey(key: Key): boolean {
  return LESSON_KEYS.some((each) => each.key === key)
}

/** What a key asks for: another screen, a check, or a word to the student. */
export interface What {
  next?: Next
  check?: 'asked' | 'confirm'
  /** What a failure looks like is to be told. */
  tells?: boolean
  notice?: string
}

/** What a key asks for here and now. */
export function actionOf(key: Key, context: Context, standing: Standing, following: Standing | undefined): What {
  const { lesson } = standing
  if (key === 'q') return { next: { go: 'leave' } }
  if (key === 'l' || key === 'escape') return { next: { go: 'list' } }
  if (key === 'r') return { check: 'asked' }
  if (key === 'i') return telling(context)
  if (key === 'v') return confirming(context)
  if (key === 'n') return goOn(standing, following)
  const found = LESSON_KEYS.find((each) => each.key === key)
  if (found?.go === undefined) return {}
  if (found.go === 'run' && !canRun(context, lesson)) {
    return { notice: 'This exercise takes no tasks, so there is nothing to run. r checks it.' }
  }
  return { next: { go: found.go, lesson } }
}

/** The keys in a line, as many as there is room for. */
export function keyLine(context: Context, standing: Standing | undefined, following: Standing | undefined): string {
  const { width } = context.theme()
  const passed = context.current?.judged?.report.verdict === 'passed'
  const isUseful = ({ key }: KeyDoes) => {
    if (key === 'n') return following?.isOpen === true
    if (key === 't' || key === 'h') return !passed
    if (key === 'i') return context.current?.isWithholding === true
    if (key === 'u') return standing !== undefined && canRun(context, standing.lesson)
    return key !== 'v'
  }
  const useful = LESSON_KEYS.filter(isUseful)
  const line = (keys: KeyDoes[]) => keys.map(({ key, short }) => `${key} ${short}`).join('  ')
  // Help and quit stay in sight; what is rarely needed goes first.
  const kept = [...useful]
  while (widthOf(line(kept)) > width) {
    const rarest = kept.findLastIndex(({ key }) => key !== '?' && key !== 'q')
    if (rarest === -1) break
    kept.splice(rarest, 1)
  }
  return line(kept)
}

function canRun(context: Context, lesson: Lesson): boolean {
  return context.run !== undefined && (context.canRun?.(lesson) ?? true)
}

function confirming({ current, confirm }: Context): What {
  if (confirm === undefined || current === undefined) return {}
  if (current.isUnconfirmed) return { check: 'confirm' }
  const { judged } = current
  const done =
    judged?.report.verdict === 'passed'
      ? 'RabbitMQ has already confirmed this pass.'
      : 'There is no pass to confirm yet.'
  return { notice: done }
}

function telling({ current }: Context): What {
  if (current?.judged === undefined) return { notice: 'Nothing has been checked yet.' }
  return { tells: true }
}

function goOn(standing: Standing, following: Standing | undefined): What {
  if (following === undefined) return { notice: 'This is the last lesson. l shows them all.' }
  if (following.isOpen) return { next: { go: 'begin', lesson: following.lesson } }
  const number = shortName(following.lesson)
  return { notice: `Lesson ${number} opens when step 1 of ${shortName(standing.lesson)} passes. l shows all lessons.` }
}
