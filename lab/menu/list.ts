import pc from 'picocolors'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { hasPassed } from '../progress/state.ts'
import { bar } from '../text/bar.ts'
import type { Theme } from '../text/theme.ts'
import { pad, widthOf } from '../text/wrap.ts'
import type { Context, ListScreen, Next } from './context.ts'
import { type Standing, stateMark, stateText } from './overview.ts'
import { ask, type Choice, confirm } from './question.ts'
import { cut } from './screen.ts'

type Picked = Lesson | 'reset-all' | 'leave'

const OTHERS: Choice<Picked>[] = [
  { value: 'reset-all', name: 'Reset all exercises' },
  { value: 'leave', name: 'Quit' },
]

/** All lessons: arrows and Enter, or a search for a number, a word or a state. */
export const list: ListScreen = async (context) => {
  let term: string | undefined
  const picked = await ask<Picked>(context, () => ({
    type: 'search',
    message: headOf(context),
    source: (typed) => {
      term = typed
      return choices(context, typed)
    },
    ...(term === undefined ? {} : { initialValue: term }),
    ...startingAt(context),
  }))
  if (picked === 'leave' || picked === 'reset-all') return { go: picked }
  if (picked !== undefined) return open(context, picked)
  // Esc goes back to the lesson; it never quits.
  return context.current ? { go: 'lesson', lesson: context.current.lesson } : { go: 'list' }
}

function startingAt({ view, current }: Context): { default?: Lesson } {
  const at = current?.lesson.name ?? view.goOn?.name
  const found = view.lessons.find(({ lesson }) => lesson.name === at)
  return found ? { default: found.lesson } : {}
}

async function open(context: Context, lesson: Lesson): Promise<Next> {
  const standing = () => context.view.lessons.find((each) => each.lesson.name === lesson.name)
  const isOpen = () => standing()?.isOpen !== false
  const before = standing()?.before
  const message = `Lesson ${shortName(lesson)} opens when ${before ? shortName(before) : 'the one before it'} works. Open it anyway?`
  return (await confirm(context, message, isOpen)) ? { go: 'begin', lesson } : { go: 'list' }
}

function headOf(context: Context): string {
  const { view } = context
  const theme = context.theme()
  const { bold } = pc.createColors(theme.colour)
  const passed = view.lessons.filter(({ lesson }) => hasPassed(view.progress, lesson.name)).length
  const next = view.goOn ? `next: ${shortName(view.goOn)}` : 'all lessons passed'
  return `${bold(`Cluster Up   ${bar(passed, view.lessons.length, theme, 14)} passed   ${next}`)}\n\nSearch:`
}

/** What matches all words: a number its own lesson only, so that 1 is 01. */
export function matches({ lesson, state, isOpen }: Standing, term: string): boolean {
  const words = term.toLowerCase().split(/\s+/).filter(Boolean)
  const text = `${lesson.name} ${lesson.title} ${state}${isOpen ? ' open' : ''}`.toLowerCase()
  return words.every((word) =>
    /^\d+$/.test(word)
      ? [String(lesson.number), shortName(lesson)].some((number) => number.startsWith(word))
      : text.includes(word),
  )
}

function choices(context: Context, term = ''): Choice<Picked>[] {
  const { width, ...theme } = context.theme()
  const { lessons } = context.view
  // The pointer takes two columns.
  const rows = rowsOf(lessons, { ...theme, width: width - 2 })
  const all = lessons.flatMap((standing, i): (Choice<Picked> & { exact: boolean })[] =>
    matches(standing, term)
      ? [{ value: standing.lesson, name: rows[i] ?? '', exact: standing.lesson.number === Number(term) }]
      : [],
  )
  // The lesson of that very number comes first: 1 and Enter is 01, though 10 begins with 1, too.
  const sorted = all.toSorted((a, b) => Number(b.exact) - Number(a.exact))
  const others = OTHERS.filter(({ name }) => name.toLowerCase().includes(term.toLowerCase().trim()))
  return [...sorted.map(({ value, name }) => ({ value, name })), ...others]
}

/** Number, title, length and state in columns; where they don't fit, the length is left out, then the state is cut. */
function rowsOf(shown: Standing[], theme: Theme): string[] {
  const widest = Math.max(0, ...shown.map(({ lesson }) => widthOf(lesson.title)))
  const all = (isWide: boolean) =>
    shown.map((standing) => {
      const { lesson } = standing
      const number = String(lesson.number).padStart(2)
      const length = isWide ? `  ${`${lesson.minutes} min`.padStart('100 min'.length)}` : ''
      const title = `${stateMark(standing, theme)} ${pad(lesson.title, widest)}${length}`
      return `${number}  ${title}  ${stateText(standing)}`.trimEnd()
    })
  const wide = all(true)
  const rows = wide.every((row) => widthOf(row) <= theme.width) ? wide : all(false)
  return rows.map((row) => cut(row, theme.width))
}
