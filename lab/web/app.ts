import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { CurrentLesson, type Judging, type Withholds } from '../current/current-lesson.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import { exerciseContent } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { quizOf } from '../lessons/quiz.ts'
import { markHint } from '../progress/hints.ts'
import { passedOn } from '../progress/state.ts'
import { markOpened, readProgress } from '../progress/store.ts'
import { markBegun, markPrediction } from '../progress/way.ts'
import { scriptOf } from '../viewer/script.ts'
import { addCopies } from './copies.ts'
import { type Guard, guarded } from './guard.ts'
import { noticePage, POLICY } from './layout.ts'
import { hintPage, lessonPage, listPage, type Status, statusOf } from './pages.ts'
import { type Runner, Runs } from './runs.ts'

/** What the pages are made from: the menu's own models, and no other truth beside them. */
export interface WebOptions extends Guard {
  root: string
  /** The folder of the lab's own files; by default `.lab` in the project. */
  state?: string
  judging: Judging
  /** What checks run on now, in a few words. */
  broker: () => string
  /** The page of what was recorded when a lesson was last judged. */
  seen: (lesson: Lesson, withholds: Withholds) => string | undefined
  /** The comparison with the solution, as a page. */
  compare: (lesson: Lesson, signal: AbortSignal) => Promise<string>
  runner: Runner
}

/** The lab as a web application. */
export class WebApp implements AsyncDisposable {
  readonly #options: WebOptions
  readonly #current = new Map<string, Promise<CurrentLesson>>()
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #ending = new AbortController()
  readonly #runs: Runs

  constructor(options: WebOptions) {
    this.#options = options
    this.#runs = new Runs(options.runner)
  }

  async routes(): Promise<Hono> {
    const { root, state, seen, compare, runner } = this.#options
    const all = await catalogue(root)
    const app = new Hono()
    app.use(guarded(this.#options))
    app.use(async (context, next) => {
      await next()
      const { headers } = context.res
      if (!headers.has('content-security-policy')) headers.set('content-security-policy', POLICY)
      headers.set('x-content-type-options', 'nosniff')
      // Without one, a form of the lab's own would come from nowhere.
      headers.set('referrer-policy', 'same-origin')
      headers.set('cache-control', 'no-store')
    })
    for (const name of ['live', 'run']) {
      const script = scriptOf(new URL(`./browser/${name}.ts`, import.meta.url))
      const type = { 'content-type': 'text/javascript; charset=utf-8' }
      app.get(`/${name}.js`, (context) => context.body(script, 200, type))
    }
    app.get('/favicon.ico', (context) => context.body(null, 204))
    app.get('/', async (context) => context.html(await listPage(all, await readProgress(root, state))))

    const of = (name: string) => all.find((lesson) => lesson.name === name)
    app.use('/lessons/:name/*', async (context, next) => {
      if (of(context.req.param('name')) === undefined) return context.notFound()
      return next()
    })
    const lessonIn = (name: string): Lesson => of(name) as Lesson
    app.get('/lessons/:name', async (context) => {
      const lesson = of(context.req.param('name'))
      if (lesson === undefined) return context.notFound()
      await markOpened(root, lesson.name, state)
      const progress = await markBegun(root, lesson.name, state)
      await this.#open(lesson, all)
      const place = { file: shown(root, lesson.exercise), canRun: runner.canRun(lesson) }
      return context.html(await lessonPage(lesson, place, progress))
    })
    app.post('/lessons/:name/prediction', async (context) => {
      const lesson = lessonIn(context.req.param('name'))
      const { choice } = await context.req.parseBody()
      const index = /^\d$/.test(String(choice)) ? Number(choice) : -1
      if ((await quizOf(lesson))?.choices[index] === undefined) return context.text('There is no such choice.\n', 400)
      await markPrediction(root, lesson.name, index, state)
      return context.redirect(`/lessons/${lesson.name}`, 303)
    })
    app.get('/lessons/:name/events', (context) => {
      const lesson = lessonIn(context.req.param('name'))
      return streamSSE(context, async (stream) => {
        const current = await this.#open(lesson, all)
        await this.#tell(
          lesson,
          current,
          (status) => stream.writeSSE({ data: JSON.stringify(status) }),
          (end) => stream.onAbort(end),
        )
      })
    })
    app.post('/lessons/:name/check', async (context) => {
      const lesson = lessonIn(context.req.param('name'))
      const current = await this.#open(lesson, all)
      current.check('asked')
      return context.body(null, 204)
    })
    app.post('/lessons/:name/cure', async (context) => {
      const current = await this.#open(lessonIn(context.req.param('name')), all)
      current.tellCure()
      return context.body(null, 204)
    })
    app.get('/lessons/:name/seen', async (context) => {
      const lesson = lessonIn(context.req.param('name'))
      const current = await this.#open(lesson, all)
      const page = seen(lesson, (expectation) => current.withholds(expectation))
      if (page === undefined) return context.notFound()
      // The page names its own script by its hash; it may be shown in the lesson's.
      context.header('content-security-policy', "frame-ancestors 'self'")
      return context.html(page)
    })
    app.post('/lessons/:name/hint', async (context) => {
      const lesson = lessonIn(context.req.param('name'))
      const { page, shown } = await hintPage(lesson, await readProgress(root, state))
      await markHint(root, lesson.name, shown, state)
      return context.html(page)
    })
    app.get('/lessons/:name/compare', async (context) => {
      const lesson = lessonIn(context.req.param('name'))
      const { lessons } = await readProgress(root, state)
      if (!passedOn(lessons[lesson.name], await exerciseContent(lesson))) {
        const why =
          "Your current exercise hasn't passed. The comparison shows the solution, but a hint may be all you need."
        return context.html(noticePage('Not passed yet', why, lesson), 403)
      }
      context.header('content-security-policy', "frame-ancestors 'none'")
      return context.html(await compare(lesson, AbortSignal.any([this.#ending.signal, context.req.raw.signal])))
    })
    addCopies(app, lessonIn, root, state)
    this.#runs.addTo(app, lessonIn)
    return app
  }

  /** The lesson is watched from now on, and judged with each save. */
  #open(lesson: Lesson, all: Lesson[]): Promise<CurrentLesson> {
    const { judging } = this.#options
    const begin = async () => {
      const changed = () => {
        for (const listener of this.#listeners.get(lesson.name) ?? []) listener()
      }
      const current = new CurrentLesson(lesson, judging, changed)
      await current.begin(all.filter(({ name }) => lesson.buildsOn.includes(name)))
      return current
    }
    const known = this.#current.get(lesson.name) ?? begin()
    this.#current.set(lesson.name, known)
    return known
  }

  /** Tells how the lesson is, now and whenever that changes, until nobody listens. */
  async #tell(
    lesson: Lesson,
    current: CurrentLesson,
    write: (status: Status) => Promise<void>,
    onEnd: (end: () => void) => void,
  ): Promise<void> {
    const listeners = this.#listeners.get(lesson.name) ?? new Set()
    this.#listeners.set(lesson.name, listeners)
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const listener = () => void write(statusOf(current, this.#options.broker())).catch(end)
    listeners.add(listener)
    onEnd(end)
    this.#ending.signal.addEventListener('abort', () => end(), { once: true })
    listener()
    await ended
    listeners.delete(listener)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error('the lab is left'))
    await this.#runs[Symbol.asyncDispose]()
    await Promise.all([...this.#current.values()].map(async (current) => (await current.catch(() => undefined))?.end()))
  }
}
