import type { CurrentLesson } from '../current/current-lesson.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Theme } from '../text/theme.ts'
import type { Interrupts } from './interrupts.ts'
import type { MenuOptions } from './options.ts'
import type { Overview } from './overview.ts'
import type { Key, Surface } from './surface.ts'

/** What every screen is given. */
export interface Context extends Omit<MenuOptions, 'theme' | 'state' | 'signals' | 'env'> {
  /** Asked for anew by every screen: a window can be made wider. */
  theme(): Theme
  state: string
  env: NodeJS.ProcessEnv
  interrupts: Interrupts
  surface: Surface
  /** Where the student is with all lessons: read again whenever it changed, also by another command. */
  view: Overview
  /** Reads it again. */
  refresh(): Promise<Overview>
  /** The current lesson; it is watched whatever screen is shown. */
  current: CurrentLesson | undefined
  /** Takes a lesson in hand, and remembers it. */
  take(lesson: Lesson): Promise<CurrentLesson>
  /** The next key; rejects when the menu is to be left. */
  key(): Promise<Key>
}

/** What comes next. Screens return it instead of calling each other. */
export type Next =
  | { go: 'list' }
  /** `notice`: what there is to say there; `key`: pressed already. */
  | { go: 'lesson'; lesson: Lesson; notice?: string; key?: Key }
  | { go: LessonAction; lesson: Lesson }
  | { go: 'reset-all' }
  | { go: 'leave' }

export type LessonAction =
  | 'read'
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

export type LessonScreen = (context: Context, next: { lesson: Lesson; notice?: string; key?: Key }) => Promise<Next>
