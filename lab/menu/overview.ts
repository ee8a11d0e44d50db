import { readFile } from 'node:fs/promises'
import { lessons } from '../lessons/catalogue.ts'
import { exerciseContent } from '../lessons/exercise.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import type { LessonProgress } from '../progress/format.ts'
import { isOpen, type LessonState, nextLesson, passedOn, stateOf } from '../progress/state.ts'
import { type Progress, readProgress } from '../progress/store.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'

/** Where the student is with all lessons. */
export interface Overview {
  lessons: Standing[]
  /** The lesson to go on with; undefined when all have passed. */
  goOn: Lesson | undefined
  progress: Progress
}

export interface Standing {
  lesson: Lesson
  state: LessonState
  isOpen: boolean
  /** The lesson that must work first; undefined for the first. */
  before: Lesson | undefined
  /** What a pass was seen on, where it was not RabbitMQ. */
  standIn: string | undefined
}

export async function overview(root: string, state: string): Promise<Overview> {
  const [all, progress] = await Promise.all([lessons(root), readProgress(root, state)])
  const standings = all.map(async (lesson, index): Promise<Standing> => {
    const entry = progress.lessons[lesson.name]
    const open = isOpen(all, lesson, progress)
    return { lesson, isOpen: open, before: all[index - 1], ...(await standing(lesson, entry)) }
  })
  return { lessons: await Promise.all(standings), goOn: nextLesson(all, progress), progress }
}

/** How the student's file is now, against what is remembered of it. */
async function standing(
  lesson: Lesson,
  entry: LessonProgress | undefined,
): Promise<Pick<Standing, 'state' | 'standIn'>> {
  const [content, starter] = await Promise.all([
    exerciseContent(lesson),
    readFile(lesson.starter, 'utf8').catch(() => ''),
  ])
  const pass = passedOn(entry, content)
  return {
    state: stateOf(entry, content, starter),
    standIn: pass && pass.product !== 'RabbitMQ' ? pass.kind : undefined,
  }
}

/** 'passed', 'working', 'opens when 01 works': a lesson's state in words; what is new needs none. */
export function stateText({ state, isOpen, standIn, before }: Standing): string {
  if (standIn) return `passed (${standIn}), not yet on RabbitMQ`
  if (state === 'new') return isOpen || !before ? '' : `opens when ${shortName(before)} works`
  return state
}

/** The same where there is little room: 'after 01'. */
export function shortState({ state, isOpen, before }: Standing): string {
  if (state === 'new') return isOpen || !before ? '' : `after ${shortName(before)}`
  return state === 'passed, changed since' ? 'changed' : state
}

/** A tick for what passed, so that the state is seen at a glance; the words are there as well. */
export function stateMark({ state }: Standing, theme: Theme): string {
  return state.startsWith('passed') ? symbolsOf(theme).tick : ' '
}
