import type { EventEmitter } from 'node:events'
import type { Lesson } from '../lessons/lesson.ts'
import type { LessonReport } from '../report/report.ts'
import type { Look } from '../text/look.ts'
import type { Interrupts } from './interrupts.ts'

/** What the menu is given: it knows neither the checker nor the broker. */
export interface MenuOptions {
  root: string
  /** The folder of the lab's own files; by default `.lab` in the project. */
  state?: string
  io: Io
  /** By default what `io.stdout` and the environment say. */
  look?: Look
  /** Judges the student's exercise and remembers the outcome. The signal is aborted on Ctrl-C. */
  check(lesson: Lesson, signal: AbortSignal): Promise<LessonReport>
  /** Judges it again on RabbitMQ, the judge of record; undefined where there is none. */
  confirm?(lesson: Lesson, signal: AbortSignal): Promise<LessonReport | undefined>
  /** Whether RabbitMQ is ready to confirm a pass. */
  canConfirm?(): boolean
  printReport(report: LessonReport): void
  /** Runs the student's program until it ends or the signal is aborted (Ctrl-C); the terminal is its own meanwhile. */
  run?(lesson: Lesson, signal: AbortSignal): Promise<void>
  /** The student's exercise beside the solution, as text: the code, the verdicts, the traces, the notes. */
  compare?(lesson: Lesson, signal: AbortSignal): Promise<string>
  /** 'RabbitMQ 4.3.6 (container) is warm', 'is booting, 3 s': asked for again and again while the menu waits. */
  statusLine(): string
  /** Where SIGINT, SIGTERM and SIGHUP are heard: by default the process. */
  signals?: Pick<EventEmitter, 'on' | 'off'>
}

export interface Io {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
}

/** What every screen is given. */
export interface Context extends Omit<MenuOptions, 'look' | 'state' | 'signals'> {
  /** Asked for anew by every screen: a window can be made wider. */
  look(): Look
  state: string
  interrupts: Interrupts
  print(text: string): void
}

/** What comes next. Screens return it instead of calling each other. */
export type Next =
  | { go: 'list' }
  | { go: 'lesson'; lesson: Lesson; at?: LessonAction }
  | { go: LessonAction; lesson: Lesson }
  | { go: 'leave' }

export type LessonAction = 'read' | 'check' | 'confirm' | 'hint' | 'run' | 'reset' | 'solution' | 'compare'

export type ListScreen = (context: Context) => Promise<Next>

/** `at`: where the pointer stands when the student comes back from it. */
export type LessonScreen = (context: Context, next: { lesson: Lesson; at?: LessonAction }) => Promise<Next>
