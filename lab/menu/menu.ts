import { AbortPromptError, ExitPromptError } from '@inquirer/core'
import { LabError } from '../errors.ts'
import { stateFolder } from '../progress/store.ts'
import { lookOf } from '../text/look.ts'
import { wrap } from '../text/wrap.ts'
import { check } from './check.ts'
import { compare } from './compare.ts'
import { confirm } from './confirm.ts'
import type { Context, LessonAction, LessonScreen, MenuOptions, Next } from './context.ts'
import { hint } from './hint.ts'
import { Left, listenForInterrupts } from './interrupts.ts'
import { lesson } from './lesson.ts'
import { list } from './list.ts'
import { read } from './read.ts'
import { reset } from './reset.ts'
import { run } from './run.ts'
import { solution } from './solution.ts'

const SCREENS: Record<'lesson' | LessonAction, LessonScreen> = {
  lesson,
  read,
  check,
  confirm,
  hint,
  run,
  reset,
  solution,
  compare,
}

const SHOW_CURSOR = '\u001b[?25h'

/**
 * The interactive menu. Each screen returns what comes next, and this loop goes there.
 *
 * @returns The exit code: 0, or 128 and the signal's number (130 for Ctrl-C).
 */
export async function menu(options: MenuOptions): Promise<number> {
  const { io } = options
  using interrupts = listenForInterrupts(options.signals ?? process, io.stdin)
  const context: Context = {
    ...options,
    look: () => options.look ?? lookOf(io.stdout),
    state: options.state ?? stateFolder(options.root),
    interrupts,
    print: (text) => void io.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
  }
  let next: Next = { go: 'list' }
  try {
    while (next.go !== 'leave' && !interrupts.leaving.aborted) next = await visit(context, next)
  } finally {
    // Whatever happened, the terminal is left as it was found.
    io.stdin.pause()
    if (io.stdout.isTTY) io.stdout.write(SHOW_CURSOR)
  }
  return interrupts.code
}

async function visit(context: Context, next: Exclude<Next, { go: 'leave' }>): Promise<Next> {
  try {
    return next.go === 'list' ? await list(context) : await SCREENS[next.go](context, next)
  } catch (error) {
    const { interrupts } = context
    // Ctrl-C while a prompt has the keyboard comes as a key, not as a signal.
    if (error instanceof ExitPromptError) interrupts.leave(130)
    if (interrupts.leaving.aborted || error instanceof AbortPromptError || error instanceof Left) return { go: 'leave' }
    // At the list there is nowhere to go back to: the caller says what is wrong.
    if (!(error instanceof LabError) || next.go === 'list' || next.go === 'lesson') throw error
    const { width } = context.look()
    context.print(`\n${wrap([error.message, error.advice].filter(Boolean).join(' '), width).join('\n')}\n`)
    return { go: 'lesson', lesson: next.lesson, at: next.go }
  }
}
