import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CurrentLesson } from '../current/current-lesson.ts'
import { LabError } from '../errors.ts'
import { markOpened, stateFolder } from '../progress/store.ts'
import { themeOf } from '../text/theme.ts'
import { watchFiles } from '../watch/watch.ts'
import type { Context, LessonAction, LessonScreen, Next } from './context.ts'
import { FullScreen } from './full-screen.ts'
import { type Interrupts, Left, listenForInterrupts } from './interrupts.ts'
import { lesson } from './lesson.ts'
import { LineByLine } from './line-by-line.ts'
import { list } from './list.ts'
import type { MenuOptions } from './options.ts'
import { overview } from './overview.ts'
import { statusLine } from './status.ts'
import type { Surface } from './surface.ts'

/** Each screen is loaded when it is first asked for: the first one is to be there at once. */
const SCREENS: Record<LessonAction, () => Promise<LessonScreen>> = {
  read: async () => (await import('./read.ts')).read,
  hint: async () => (await import('./hint.ts')).hint,
  trace: async () => (await import('./trace.ts')).trace,
  run: async () => (await import('./run.ts')).run,
  edit: async () => (await import('./edit.ts')).edit,
  management: async () => (await import('./management.ts')).management,
  solution: async () => (await import('./solution.ts')).solution,
  compare: async () => (await import('./compare.ts')).compare,
  reset: async () => (await import('./reset.ts')).reset,
  restore: async () => (await import('./restore.ts')).restore,
  help: async () => (await import('./help.ts')).help,
}

/** How often what lives (a broker that boots, the seconds of a check) is drawn again. */
const TICK_MS = 500

/**
 * The interactive menu. It opens where the student left off. Each screen returns what comes next, and this loop goes there.
 *
 * @returns The exit code: 0, or 128 and the signal's number (130 for Ctrl-C).
 */
export async function menu(options: MenuOptions): Promise<number> {
  const { io, root } = options
  const state = options.state ?? stateFolder(root)
  using interrupts = listenForInterrupts(options.signals ?? process, io.stdin)
  const env = options.env ?? process.env
  const theme = () => options.theme ?? themeOf(io.stdout, env)
  const first = await overview(root, state)
  const begin = first.lessons.find(({ lesson }) => lesson.name === first.progress.opened)?.lesson
  const goOn = begin ?? first.goOn ?? first.lessons.at(-1)?.lesson
  let last = ''
  {
    using surface = surfaceOf(options, theme, env, interrupts)
    const context = contextOf({ ...options, state, env }, { theme, interrupts, surface, view: first })
    // A check in another window, or by another command, counts here as well.
    mkdirSync(state, { recursive: true })
    using _ = watchFiles([join(state, 'progress.json')], () => refreshed(context))
    const tick = setInterval(() => surface.redraw(), TICK_MS)
    const notice = first.progress.notice
    let next: Next = goOn ? { go: 'lesson', lesson: goOn, ...(notice === undefined ? {} : { notice }) } : { go: 'list' }
    try {
      while (next.go !== 'leave' && !interrupts.leaving.aborted) next = await visit(context, next)
    } finally {
      clearInterval(tick)
      last = statusLine(context, context.theme())
      await interrupts.unlessImpatient(context.current?.end())
    }
  }
  io.stdout.write(`${last}\n`)
  return interrupts.code
}

/** The whole window; or lines, where the terminal can do no more, or turns out to be none. */
function surfaceOf(
  { io }: MenuOptions,
  theme: Context['theme'],
  env: NodeJS.ProcessEnv,
  interrupts: Interrupts,
): Surface {
  if (env.TERM === 'dumb') return new LineByLine(io)
  try {
    return new FullScreen(io, theme, { interrupt: () => interrupts.leave(130) })
  } catch {
    return new LineByLine(io)
  }
}

function contextOf(
  options: MenuOptions & { state: string; env: NodeJS.ProcessEnv },
  made: Pick<Context, 'theme' | 'interrupts' | 'surface' | 'view'>,
): Context {
  const { root, state } = options
  const { surface, interrupts } = made
  const context: Context = {
    ...options,
    ...made,
    current: undefined,
    key: () => surface.key(interrupts.leaving),
    async refresh() {
      context.view = await overview(root, state)
      surface.redraw()
      return context.view
    },
    async take(taken) {
      if (context.current?.lesson.name === taken.name) return context.current
      const before = context.current
      context.current = undefined
      await before?.end()
      let results = 0
      const current = new CurrentLesson(taken, options, () => {
        const isResult = current.results !== results
        results = current.results
        // With a result comes what is remembered of it.
        if (isResult) refreshed(context)
        else surface.redraw()
      })
      context.current = current
      const builtOn = context.view.lessons
        .map(({ lesson }) => lesson)
        .filter(({ name }) => taken.buildsOn.includes(name))
      await current.begin(builtOn)
      await markOpened(root, taken.name, state)
      await context.refresh()
      return current
    },
  }
  return context
}

/** Where that fails, what is known stays on the screen: the next screen that needs it says why. */
function refreshed(context: Context): void {
  context.refresh().catch(() => {})
}

async function visit(context: Context, next: Exclude<Next, { go: 'leave' }>): Promise<Next> {
  try {
    if (next.go === 'list') return await list(context)
    if (next.go === 'reset-all') return await (await import('./reset.ts')).resetAll(context)
    if (next.go === 'lesson') return await lesson(context, next)
    return await (await SCREENS[next.go]())(context, next)
  } catch (error) {
    const { interrupts } = context
    if (interrupts.leaving.aborted || error instanceof Left) return { go: 'leave' }
    // At the list, or at the lesson itself, there is nowhere to go back to: the caller says what is wrong.
    if (!(error instanceof LabError) || next.go === 'list' || next.go === 'lesson' || next.go === 'reset-all')
      throw error
    return { go: 'lesson', lesson: next.lesson, notice: [error.message, error.advice].filter(Boolean).join(' ') }
  }
}
