import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CurrentLesson } from '../current/current-lesson.ts'
import { LabError } from '../errors.ts'
import { markOpened, stateFolder } from '../progress/store.ts'
import { themeOf } from '../text/theme.ts'
import { watchFiles } from '../watch/watch.ts'
import type { Context, LessonAction, LessonScreen, Next } from './context.ts'
import { type Interrupts, listenForInterrupts } from './interrupts.ts'
import { lesson } from './lesson.ts'
import { list } from './list.ts'
import type { MenuOptions } from './options.ts'
import { overview } from './overview.ts'
import { show } from './screen.ts'
import { statusLine } from './status.ts'
import { Window } from './window.ts'

/** Each screen is loaded when it is first asked for: the first one is to be there at once. */
const SCREENS: Record<LessonAction, () => Promise<LessonScreen>> = {
  begin: async () => (await import('./begin.ts')).begin,
  quiz: async () => (await import('./predict.ts')).quiz,
  map: async () => (await import('./map.ts')).map,
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
 * @throws LabError 'no-terminal' where single keys can't be read
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
    using window = windowOf(io, interrupts)
    const context = contextOf({ ...options, state, env }, { theme, interrupts, window, view: first })
    // A check in another window, or by another command, counts here as well.
    mkdirSync(state, { recursive: true })
    using _ = watchFiles([join(state, 'progress.json')], () => refreshed(context))
    const tick = setInterval(() => window.redraw(), TICK_MS)
    const notice = first.progress.notice
    let next: Next = goOn ? { go: 'begin', lesson: goOn, ...(notice === undefined ? {} : { notice }) } : { go: 'list' }
    try {
      while (next.go !== 'leave' && !interrupts.leaving.aborted) next = await visit(context, next)
    } finally {
      clearInterval(tick)
      last = statusLine(context, context.theme())
      await unless(interrupts.impatient, context.current?.end())
    }
  }
  io.stdout.write(`${last}\n`)
  return interrupts.code
}

function windowOf(io: MenuOptions['io'], interrupts: Interrupts): Window {
  try {
    return new Window(io, interrupts)
  } catch (cause) {
    throw new LabError('no-terminal', "This terminal can't read single keys.", { cause })
  }
}

function contextOf(
  options: MenuOptions & { state: string; env: NodeJS.ProcessEnv },
  made: Pick<Context, 'theme' | 'interrupts' | 'window' | 'view'>,
): Context {
  const { root, state } = options
  const { window, interrupts, theme } = made
  const listeners = new Set<() => void>()
  const context: Context = {
    ...options,
    ...made,
    current: undefined,
    show: (view, key) => show({ window, theme, view, key }, interrupts.leaving),
    async until(done, view) {
      const over = new AbortController()
      const shown = show(
        { window, theme, view, key: (key) => (key === 'escape' || key === 'q' ? 'left' : undefined) },
        AbortSignal.any([over.signal, interrupts.leaving]),
      )
      // Whoever loses the race may still fail: nobody is interested any more.
      for (const each of [done, shown]) each.catch(() => {})
      try {
        return await Promise.race([done, shown.then(() => undefined)])
      } finally {
        over.abort()
        await shown.catch(() => {})
      }
    },
    onNews(heard) {
      listeners.add(heard)
      return () => listeners.delete(heard)
    },
    async refresh() {
      const before = JSON.stringify(context.view)
      context.view = await overview(root, state)
      window.redraw()
      if (JSON.stringify(context.view) !== before) for (const heard of [...listeners]) heard()
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
        else window.redraw()
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

/** Waits for `work`, but no longer than the student does. */
async function unless(signal: AbortSignal, work: Promise<unknown> | undefined): Promise<void> {
  if (signal.aborted) return
  await Promise.race([work, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
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
    if (interrupts.leaving.aborted) return { go: 'leave' }
    // At the list, or at the lesson itself, there is nowhere to go back to: the caller says what is wrong.
    if (!(error instanceof LabError) || next.go === 'list' || next.go === 'lesson' || next.go === 'reset-all')
      throw error
    return { go: 'lesson', lesson: next.lesson, notice: [error.message, error.advice].filter(Boolean).join(' ') }
  }
}
