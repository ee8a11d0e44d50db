import type { EventEmitter } from 'node:events'
import type { Judging } from '../current/current-lesson.ts'
import type { Terminal } from '../io.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Theme } from '../text/theme.ts'

export interface ManagementPage {
  url: string
  user: string
  password: string
}

/** What the menu is given: it knows neither the checker nor the broker. */
export interface MenuOptions extends Judging {
  root: string
  /** The folder of the lab's own files; by default `.lab` in the project. */
  state?: string
  io: Terminal
  /** By default what `io.stdout` and the environment say. */
  theme?: Theme
  env?: NodeJS.ProcessEnv
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
  /** Why other brokers were not taken, a line each. */
  passedOver?(): readonly string[]
  /** Where SIGINT, SIGTERM and SIGHUP are heard: by default the process. */
  signals?: Pick<EventEmitter, 'on' | 'off'>
}
