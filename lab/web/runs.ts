import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import { LabError } from '../errors.ts'
import { ensureExercise } from '../lessons/exercise.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { ACTIONS, type LiveRun } from '../service/live-run.ts'
import { runPage, toldOf } from './run-page.ts'

/** What runs a lesson's exercise as a service. */
export interface Runner {
  canRun(lesson: Lesson): boolean
  open(lesson: Lesson): Promise<LiveRun>
}

const LONGEST_TASK = 16 * 1024

/** The student's service at work, in a browser. One runs at a time: another lesson's ends the one before. */
export class Runs implements AsyncDisposable {
  readonly #runner: Runner
  #run: { lesson: string; run: LiveRun } | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(runner: Runner) {
    this.#runner = runner
  }

  /** @param lessonOf the lesson of a name in a path */
  addTo(app: Hono, lessonOf: (name: string) => Lesson): void {
    app.use('/lessons/:name/run/*', async (context, next) => {
      if (!this.#runner.canRun(lessonOf(context.req.param('name')))) return context.notFound()
      return next()
    })
    app.use('/lessons/:name/run/*', bodyLimit({ maxSize: LONGEST_TASK }))
    app.get('/lessons/:name/run', (context) => {
      const lesson = lessonOf(context.req.param('name'))
      return context.html(runPage(lesson, this.#of(lesson)))
    })
    app.post('/lessons/:name/run', async (context) => {
      const lesson = lessonOf(context.req.param('name'))
      try {
        await this.#begin(lesson)
      } catch (error) {
        if (!(error instanceof LabError)) throw error
        return context.html(runPage(lesson, undefined, `${error.message} ${error.advice ?? ''}`), 500)
      }
      return context.redirect(`/lessons/${lesson.name}/run`, 303)
    })
    app.post('/lessons/:name/run/end', async (context) => {
      const lesson = lessonOf(context.req.param('name'))
      await this.#of(lesson)?.[Symbol.asyncDispose]()
      return context.redirect(`/lessons/${lesson.name}/run`, 303)
    })
    app.post('/lessons/:name/run/task', async (context) => {
      const { task } = await context.req.parseBody()
      if (typeof task !== 'string' || task.trim() === '') return context.text('There is no task.\n', 400)
      await this.#of(lessonOf(context.req.param('name')))?.send(task)
      return context.body(null, 204)
    })
    app.post('/lessons/:name/run/do/:action', (context) => {
      const action = ACTIONS.find((each) => each === context.req.param('action'))
      if (action === undefined) return context.notFound()
      this.#of(lessonOf(context.req.param('name')))?.do(action)
      return context.body(null, 204)
    })
    app.get('/lessons/:name/run/events', (context) => {
      const run = this.#of(lessonOf(context.req.param('name')))
      if (run === undefined) return context.body(null, 204)
      const seen = Number(context.req.header('last-event-id')) || 0
      return streamSSE(context, (stream) =>
        follow(
          run,
          seen,
          (data, nth) => stream.writeSSE({ data, id: String(nth) }),
          (end) => stream.onAbort(end),
        ),
      )
    })
  }

  #of({ name }: Lesson): LiveRun | undefined {
    return this.#run?.lesson === name ? this.#run.run : undefined
  }

  /** Runs it, unless it runs already. */
  #begin(lesson: Lesson): Promise<void> {
    const begun = this.#last.then(async () => {
      const before = this.#of(lesson)
      if (before && !before.isEnding) return
      await this.#run?.run[Symbol.asyncDispose]()
      await ensureExercise(lesson)
      this.#run = { lesson: lesson.name, run: await this.#runner.open(lesson) }
    })
    this.#last = begun.catch(() => {})
    return begun
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    await this.#run?.run[Symbol.asyncDispose]()
  }
}

/** Writes what is new, as fast as whoever reads it takes it, until the run or the reader is gone. */
async function follow(
  run: LiveRun,
  seen: number,
  write: (data: string, nth: number) => Promise<void>,
  onEnd: (end: () => void) => void,
): Promise<void> {
  let last = seen
  let ended = false
  let wake = Promise.withResolvers<void>()
  const stop = run.listen(() => wake.resolve())
  onEnd(() => {
    ended = true
    wake.resolve()
  })
  try {
    while (!ended) {
      wake = Promise.withResolvers()
      const told = toldOf(run, last)
      last = told.lines.at(-1)?.nth ?? last
      await write(JSON.stringify(told), last)
      if (told.isOver) return
      await wake.promise
    }
  } finally {
    stop()
  }
}
