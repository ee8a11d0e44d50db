import pc from 'picocolors'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { hasPassed } from '../progress/state.ts'
import { bar } from '../text/bar.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { pad, widthOf } from '../text/wrap.ts'
import { confirm } from './ask.ts'
import type { Context, ListScreen, Next } from './context.ts'
import { lines } from './frame.ts'
import { type Overview, type Standing, stateMark, stateText } from './overview.ts'
import { footOf } from './status.ts'
import type { Key, View } from './surface.ts'

/** What the list can be narrowed to, in the order in which f goes through them. */
const FILTERS: Record<string, (standing: Standing) => boolean> = {
  all: () => true,
  open: ({ isOpen }) => isOpen,
  'not passed': ({ state }) => !state.startsWith('passed'),
  passed: ({ state }) => state.startsWith('passed'),
}

interface State {
  /** The lesson under the pointer. */
  at: Lesson | undefined
  filter: string
  search: string
  isSearching: boolean
  /** Digits typed so far, while they can become more than one number. */
  digits: string
}

/** All lessons: arrows and Enter, a number, a search, a filter. */
export const list: ListScreen = async (context) => {
  const { view, current } = context
  const state: State = { at: current?.lesson ?? view.goOn, filter: 'all', search: '', isSearching: false, digits: '' }
  context.surface.show(() => listView(context, state))
  for (;;) {
    const picked = after(await context.key(), context, state)
    if (picked === 'leave') return { go: 'leave' }
    if (picked === 'reset-all') return { go: 'reset-all' }
    if (picked === 'back') {
      if (current) return { go: 'lesson', lesson: current.lesson }
    } else if (picked !== undefined) return open(context, picked)
    context.surface.redraw()
  }
}

async function open(context: Context, lesson: Lesson): Promise<Next> {
  const standing = context.view.lessons.find((each) => each.lesson.name === lesson.name)
  if (standing && !standing.isOpen && !(await openAllTheSame(context, standing))) return { go: 'list' }
  return { go: 'lesson', lesson }
}

/** What a key changes, or the lesson that it picks. */
function after(key: Key, context: Context, state: State): Lesson | 'leave' | 'back' | 'reset-all' | undefined {
  if (state.isSearching && search(key, state)) return undefined
  const shown = shownLessons(context.view, state)
  const index = shown.findIndex(({ lesson }) => lesson.name === state.at?.name)
  const move = (to: number) => {
    state.at = shown[Math.min(Math.max(to, 0), shown.length - 1)]?.lesson
  }
  if (/^\d$/.test(key)) return number(key, context.view, state)
  state.digits = ''
  if (key === 'enter') return shown[Math.max(index, 0)]?.lesson
  if (key === 'up' || key === 'k') move(index - 1)
  if (key === 'down' || key === 'j') move(index + 1)
  if (key === 'home') move(0)
  if (key === 'end') move(shown.length - 1)
  if (key === '/') state.isSearching = true
  if (key === 'f') {
    const names = Object.keys(FILTERS)
    state.filter = names[(names.indexOf(state.filter) + 1) % names.length] ?? 'all'
  }
  if (key === 'escape' && state.search !== '') state.search = ''
  else if (key === 'escape' || key === 'b' || key === 'l') return 'back'
  if (key === 'x') return 'reset-all'
  return key === 'q' ? 'leave' : undefined
}

/** Whether the key was for the search. */
function search(key: Key, state: State): boolean {
  if (key === 'escape') {
    state.search = ''
    state.isSearching = false
    return true
  }
  if (key === 'enter') {
    state.isSearching = false
    // Enter opens what was found, at once.
    return false
  }
  if (key === 'backspace') state.search = state.search.slice(0, -1)
  else if (key === 'space') state.search += ' '
  else if ([...key].length === 1) state.search += key
  else return false
  state.at = undefined
  return true
}

/** A number opens its lesson as soon as it can be no other: 5 at once, 1 only when there is no 10. */
function number(key: Key, { lessons }: Overview, state: State): Lesson | undefined {
  state.digits += key
  const typed = state.digits
  const exact = lessons.find(({ lesson }) => typed === String(lesson.number) || typed === shortName(lesson))?.lesson
  const longer = lessons.filter(({ lesson }) =>
    [String(lesson.number), shortName(lesson)].some(
      (name) => name.startsWith(typed) && lesson.number !== exact?.number,
    ),
  )
  if (exact) state.at = exact
  if (longer.length > 0) return undefined
  state.digits = ''
  return exact
}

function shownLessons(view: Overview, { filter, search }: State): Standing[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return view.lessons.filter((standing) => {
    const { name, title } = standing.lesson
    const text = `${name} ${title}`.toLowerCase()
    return (FILTERS[filter]?.(standing) ?? true) && words.every((word) => text.includes(word))
  })
}

function listView(context: Context, state: State): View {
  const { view } = context
  const theme = context.theme()
  const { bold, cyan, dim } = pc.createColors(theme.colour)
  const passed = view.lessons.filter(({ lesson }) => hasPassed(view.progress, lesson.name)).length
  const whither = view.goOn ? `go on with ${shortName(view.goOn)}` : 'all lessons passed'
  const shown = shownLessons(view, state)
  const at = Math.max(
    shown.findIndex(({ lesson }) => lesson.name === state.at?.name),
    0,
  )
  const narrowed = [
    ...(state.filter === 'all' ? [] : [`only ${state.filter} (f: more)`]),
    ...(state.isSearching || state.search !== '' ? [`/${state.search}${state.isSearching ? '_' : ''}`] : []),
    ...(state.digits === '' ? [] : [`lesson ${state.digits}_`]),
  ]
  const head = [
    ...lines(bold(`Cluster Up   ${bar(passed, view.lessons.length, theme, 14)} passed   ${whither}`), theme),
    narrowed.join('   '),
  ]
  const rows = rowsOf(shown, at, theme)
  const none = shown.length === 0 ? [dim('No lesson is like that. Esc shows all again.')] : []
  const keys = state.isSearching
    ? 'type to search; Enter opens, Esc shows all'
    : 'Enter or a number opens  / search  f filter  x reset all  b back  q quit'
  return {
    id: 'list',
    body: [...head, ...rows.map((text, i) => (i === at ? cyan(text) : text)), ...none],
    foot: footOf(context, keys),
    at: head.length + at,
    typing: state.isSearching,
  }
}

/** Title, length and state in columns; where they would not fit the length is left out. */
function rowsOf(shown: Standing[], at: number, theme: Theme): string[] {
  const widest = Math.max(0, ...shown.map(({ lesson }) => widthOf(lesson.title)))
  const { pointer } = symbolsOf(theme)
  const all = (isWide: boolean) =>
    shown.map((standing, i) => {
      const { lesson } = standing
      const number = String(lesson.number).padStart(2)
      const length = isWide ? `  ${`${lesson.minutes} min`.padStart('100 min'.length)}` : ''
      const title = `${stateMark(standing, theme)} ${pad(lesson.title, widest)}${length}`
      return `${i === at ? pointer : ' '} ${number}  ${title}  ${stateText(standing)}`.trimEnd()
    })
  const wide = all(true)
  return wide.every((row) => widthOf(row) <= theme.width) ? wide : all(false)
}

function openAllTheSame(context: Context, { lesson, before }: Standing): Promise<boolean> {
  const message = `Lesson ${shortName(lesson)} opens when ${before ? shortName(before) : 'the one before it'} works.`
  return confirm(context, message, 'open it all the same', 'back to the lessons')
}
