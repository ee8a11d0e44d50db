import type { LessonProgress } from './format.ts'
import { change, type Progress } from './store.ts'

/** Failed checks after which the last hint of a step, code with a blank, is offered. */
const CHECKS_BEFORE_LAST = 2

export interface HintToShow {
  step: number
  /** Which hint, from 1; after the last one it is the last again. 0 where the step has none. */
  number: number
  /** Why the last hint is not shown yet, in a sentence; `number` is then the one before, again. */
  locked?: string
}

/** The step to help with: the one that the last check fell short of, or else the first. */
export function stepToHint(entry: LessonProgress | undefined): number {
  return entry?.failedLast ?? 1
}

/**
 * One hint more than has been shown.
 *
 * @param count How many hints the step has.
 */
export function nextHint(entry: LessonProgress | undefined, step = stepToHint(entry), count = 3): HintToShow {
  const number = Math.min((entry?.hints[step] ?? 0) + 1, count)
  const isLast = number === count && count > 1
  const passed = (entry?.passed.length ?? 0) > 0
  const failed = entry?.failed[step] ?? 0
  const wasShown = (entry?.hints[step] ?? 0) >= count
  if (!isLast || passed || wasShown || failed >= CHECKS_BEFORE_LAST) return { step, number }
  const soFar = failed === 0 ? 'none' : String(failed)
  const locked = `The last hint opens after ${CHECKS_BEFORE_LAST} failed checks of your own file at step ${step}: ${soFar} so far.`
  return { step, number: number - 1, locked }
}

/** Remembers that a hint has been shown. */
export async function markHint(
  root: string,
  lesson: string,
  hint: Pick<HintToShow, 'step' | 'number'>,
  state?: string,
): Promise<Progress> {
  return change(root, state, (lessonOf) => {
    const { hints } = lessonOf(lesson)
    hints[hint.step] = Math.max(hints[hint.step] ?? 0, hint.number)
  })
}
