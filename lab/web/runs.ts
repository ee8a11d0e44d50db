import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import { LabError } from '../errors.ts'
import { ensureExercise } from '../lessons/exercise.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { ACTIONS, type LiveRun } from '../service/live-run.ts'
import { openingPage, runPage, type Told, toldOf, toldOfOpening } from './run-page.ts'

/** What runs a lesson's exercise as a service. */
export interface Runner {
  canRun(lesson: Lesson): boolean
  /** @param tell what goes on until it runs */
  open(lesson: Lesson, tell: (text: string) => void): Promise<LiveRun>
}

/** A run that is being opened: what goes on, and whoever wants to hear of it. */
interface Opening {
  lesson: string
  text: string
  isOver: boolean
  listeners: Set<() => void>
}

const LONGEST_TASK = 16 * 1024

/** The student's service at work, in a browser. One runs at a time: another lesson's ends the one before. */
export class Runs implements AsyncDisposable {
  readonly #runner: Runner
  #run: { lesson: string; run: LiveRun } | undefined
  #opening: Opening | undefined
  /** Why the last one did not come about. */
  #problem: { lesson: string; text: string } | undefined
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
      if (this.#opening?.lesson === lesson.name) return context.html(openingPage(lesson, this.#opening.text))
      const problem = this.#problem?.lesson === lesson.name ? this.#problem.text : undefined
      return context.html(runPage(lesson, this.#of(lesson), problem))
    })
    app.post('/lessons/:name/run', async (context) => {
      const lesson = lessonOf(context.req.param('name'))
      await this.#begin(lesson)
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
    app.post('/lessons/:name/run/node/:node/:what{stop|start}', (context) => {
      const { name, node, what } = context.req.param()
      this.#of(lessonOf(name))?.doToNode(node, what === 'stop' ? 'stop' : 'start')
      return context.body(null, 204)
    })
    app.post('/lessons/:name/run/worker/:nth{\\d+}/kill', (context) => {
      const { name, nth } = context.req.param()
      this.#of(lessonOf(name))?.killWorker(Number(nth))
      return context.body(null, 204)
    })
    app.post('/lessons/:name/run/do/:action', (context) => {
      const action = ACTIONS.find((each) => each === context.req.param('action'))
      if (action === undefined) return context.notFound()
      this.#of(lessonOf(context.req.param('name')))?.do(action)
      return context.body(null, 204)
    })
    app.get('/lessons/:name/run/events', (context) => {
      const lesson = lessonOf(context.req.param('name'))
      const source = this.#opening?.lesson === lesson.name ? ofOpening(this.#opening) : ofRun(this.#of(lesson))
      if (source === undefined) return context.body(null, 204)
      const seen = Number(context.req.header('last-event-id')) || 0
      return streamSSE(context, (stream) =>
        follow(
          source,
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

  /** Runs it, unless it runs already. Resolves when it runs, or when there is something to tell until it does. */
  #begin(lesson: Lesson): Promise<void> {
    const told = Promise.withResolvers<void>()
    const begun = this.#last.then(async () => {
      const before = this.#of(lesson)
      if (before && !before.isEnding) return
      await this.#run?.run[Symbol.asyncDispose]()
      await ensureExercise(lesson)
      const opening: Opening = { lesson: lesson.name, text: 'starting', isOver: false, listeners: new Set() }
      this.#opening = opening
      this.#problem = undefined
      const changed = () => {
        for (const listener of opening.listeners) listener()
      }
      try {
        const run = await this.#runner.open(lesson, (text) => {
          opening.text = text
          told.resolve()
          changed()
        })
        this.#run = { lesson: lesson.name, run }
      } catch (error) {
        const { message, advice = '' } = error as LabError
        this.#problem = { lesson: lesson.name, text: `${message} ${advice}`.trim() }
        if (!(error instanceof LabError)) throw error
      } finally {
        this.#opening = undefined
        opening.isOver = true
        changed()
      }
    })
    this.#last = begun.catch(() => {})
    return Promise.race([begun, told.promise])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    await this.#run?.run[Symbol.asyncDispose]()
  }
}

/** What a page is told, again whenever it changes. */
interface Source {
  /** @param since the number of the last line that the page has */
  told(since: number): Told
  listen(listener: () => void): () => void
}

function ofRun(run: LiveRun | undefined): Source | undefined {
  return run && { told: (since) => toldOf(run, since), listen: (listener) => run.listen(listener) }
}

function ofOpening(opening: Opening): Source {
  return {
    told: () => toldOfOpening(opening.text, opening.isOver),
    listen(listener) {
      opening.listeners.add(listener)
      return () => opening.listeners.delete(listener)
    },
  }
}

/** Writes what is new, as fast as whoever reads it takes it, until the run or the reader is gone. */
async function follow(
  source: Source,
  seen: number,
  write: (data: string, nth: number) => Promise<void>,
  onEnd: (end: () => void) => void,
): Promise<void> {
  let last = seen
  let ended = false
  let wake = Promise.withResolvers<void>()
  const stop = source.listen(() => wake.resolve())
  onEnd(() => {
    ended = true
    wake.resolve()
  })
  try {
    while (!ended) {
      wake = Promise.withResolvers()
      const told = source.told(last)
      last = told.lines.at(-1)?.nth ?? last
      await write(JSON.stringify(told), last)
      if (told.isOver) return
      await wake.promise
    }
  } finally {
    stop()
  }
}
