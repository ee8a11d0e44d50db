import type { EventEmitter } from 'node:events'
import type { Lesson } from '../lessons/lesson.ts'
import type { CheckReport, LessonReport } from '../report/report.ts'
import type { Look } from '../text/look.ts'
import type { InHand } from './in-hand.ts'
import type { Interrupts } from './interrupts.ts'
import type { Overview } from './overview.ts'
import type { Key, Surface } from './surface.ts'

/** What a check found, and on which broker. */
export interface Judged {
  report: LessonReport
  broker: CheckReport['broker']
}

/** How far a check is: see lab/check/run.ts. */
export interface Progressing {
  decided: number
  total: number
  awaiting?: string
}

export interface Checking {
  signal: AbortSignal
  onProgress: (progress: Progressing) => void
}

export interface ManagementPage {
  url: string
  user: string
  password: string
}

/** What the menu is given: it knows neither the checker nor the broker. */
export interface MenuOptions {
  root: string
  /** The folder of the lab's own files; by default `.lab` in the project. */
  state?: string
  io: Io
  /** By default what `io.stdout` and the environment say. */
  look?: Look
  env?: NodeJS.ProcessEnv
  /** Judges the student's exercise, on whatever is ready, and remembers the outcome. */
  check(lesson: Lesson, checking: Checking): Promise<Judged>
  /** Judges it again on RabbitMQ, the judge of record; undefined where there is none. */
  confirm?(lesson: Lesson, checking: Checking): Promise<Judged | undefined>
  /** Resolves when RabbitMQ is ready: true, or false where it can't be had now. */
  whenRecord?(): Promise<boolean>
  /** Runs the student's program until it ends or the signal is aborted (Ctrl-C); the terminal is its own meanwhile. */
  run?(lesson: Lesson, signal: AbortSignal): Promise<void>
  /** Whether a lesson's exercise takes tasks, so that it can be run; by default each does. */
  canRun?(lesson: Lesson): boolean
  /** The student's exercise beside the solution, as text: the code, the verdicts, the traces, the notes. */
  compare?(lesson: Lesson, signal: AbortSignal): Promise<string>
  /** RabbitMQ's management page; undefined where the broker in use has none. */
  management?(): Promise<ManagementPage | undefined>
  /** 'RabbitMQ 4.3.6 (container)', 'container: booting, 3 s': asked for again and again. */
  statusLine(): string
  /** Where SIGINT, SIGTERM and SIGHUP are heard: by default the process. */
  signals?: Pick<EventEmitter, 'on' | 'off'>
}

export interface Io {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (on: boolean) => unknown }
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }
}

/** What every screen is given. */
export interface Context extends Omit<MenuOptions, 'look' | 'state' | 'signals' | 'env'> {
  /** Asked for anew by every screen: a window can be made wider. */
  look(): Look
  state: string
  env: NodeJS.ProcessEnv
  interrupts: Interrupts
  surface: Surface
  /** Where the student is with all lessons: read again whenever it changed, also by another command. */
  view: Overview
  /** Reads it again. */
  refresh(): Promise<Overview>
  /** The lesson in hand; it is watched whatever screen is shown. */
  inHand: InHand | undefined
  /** Takes a lesson in hand, and remembers it. */
  take(lesson: Lesson): Promise<InHand>
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
