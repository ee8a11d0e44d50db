import type { CurrentLesson } from '../current/current-lesson.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Theme } from '../text/theme.ts'
import type { Interrupts } from './interrupts.ts'
import type { MenuOptions } from './options.ts'
import type { Overview } from './overview.ts'
import type { Key, View } from './screen.ts'
import type { Window } from './window.ts'

/** What every screen is given. */
export interface Context extends Omit<MenuOptions, 'theme' | 'state' | 'signals' | 'env'> {
  /** Asked for anew by every screen: a window can be made wider. */
  theme(): Theme
  state: string
  env: NodeJS.ProcessEnv
  interrupts: Interrupts
  window: Window
  /** Where the student is with all lessons: read again whenever it changed, also by another command. */
  view: Overview
  /** Reads it again. */
  refresh(): Promise<Overview>
  /** The current lesson; it is watched whatever screen is shown. */
  current: CurrentLesson | undefined
  /** Takes a lesson in hand, and remembers it. */
  take(lesson: Lesson): Promise<CurrentLesson>
  /** Shows a screen until a key leads on, and returns where to; rejects when the menu is to be left. */
  show<T>(view: () => View, key: (key: Key) => T | undefined | Promise<T | undefined>): Promise<T>
  /** Shows a screen while something is done; undefined when it is left with Esc before. */
  until<T>(done: Promise<T>, view: () => View): Promise<T | undefined>
  /** Calls `heard` whenever there is news that a dialog may depend on: a verdict, progress. Returns what ends that. */
  onNews(heard: () => void): () => void
}

/** What comes next. Screens return it instead of calling each other. */
export type Next =
  | { go: 'list' }
  | ({ go: 'lesson' } & Opening)
  | { go: LessonAction; lesson: Lesson; notice?: string }
  | { go: 'reset-all' }
  | { go: 'leave' }

export interface Opening {
  lesson: Lesson
  /** What there is to say there. */
  notice?: string
  /** It is of no interest any more when there is a new result. */
  isBrief?: boolean
  /** Pressed already. */
  key?: Key
}

export type LessonAction =
  | 'begin'
  | 'read'
  | 'quiz'
  | 'map'
  | 'hint'
  | 'trace'
  | 'run'
  | 'edit'
  | 'management'
  | 'solution'
  | 'compare'
  | 'reset'
  | 'restore'
  | 'help'

export type ListScreen = (context: Context) => Promise<Next>

export type LessonScreen = (context: Context, next: Opening) => Promise<Next>
