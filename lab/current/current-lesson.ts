import { LabError } from '../errors.ts'
import { ensureExercise, exerciseContent } from '../lessons/exercise.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { CheckProgress } from '../report/progress.ts'
import type { ExpectationReport, Judged } from '../report/report.ts'
import { visibleLines } from '../text/visible.ts'
import { type Watch, watchFiles } from '../watch/watch.ts'

/** What a check that is going on was begun for. */
export type Why = 'saved' | 'asked' | 'confirm'

export interface Running {
  why: Why
  /** By performance.now(). */
  since: number
  progress: CheckProgress | undefined
}

/** What somebody who asks for a check wants to hear of it, and when it is no longer wanted. */
export interface Checking {
  signal: AbortSignal
  onProgress: (progress: CheckProgress) => void
}

/** Whether what a failure looks like is to be withheld for now: then only what was seen is told. */
export type Withholds = (expectation: Pick<ExpectationReport, 'title' | 'seen'>) => boolean

/** What judges: it knows the checker and the broker. */
export interface Judging {
  /** Judges the student's exercise, on whatever is ready, and remembers the outcome. */
  check(lesson: Lesson, checking: Checking): Promise<Judged>
  /** Judges it again on RabbitMQ, which decides; undefined where there is none. */
  confirm?(lesson: Lesson, checking: Checking): Promise<Judged | undefined>
  /** Resolves when RabbitMQ is ready: true, or false where it can't be had now. */
  whenAuthoritative?(): Promise<boolean>
}

/**
 * The current lesson: its exercise is watched, judged with each save, and the last result is kept. A save in
 * the middle of a check ends that check, and another begins. What passed on the lab's own broker, or can't be judged there,
 * is judged again on RabbitMQ as soon as that is ready.
 *
 *   saved, asked ──▶ check ──▶ nothing falls short, but on a stand-in ──▶ RabbitMQ is ready ──▶ confirm
 */
export class CurrentLesson {
  readonly lesson: Lesson
  judged: Judged | undefined
  judgedAt: Date | undefined
  /** Counts results: another number is another result. */
  results = 0
  running: Running | undefined
  /** Why there is no verdict, where that is not the exercise's doing. */
  problem: string | undefined
  /** The file is not there, for the time being. */
  isGone = false
  /** What has been judged, or is being. */
  #content: string | undefined
  #wanted: Why | undefined
  #abort: AbortController | undefined
  #loop: Promise<void> | undefined
  #ended = false
  #watch: Watch | undefined
  /** By title: how often an expectation has failed since the lesson was opened. */
  readonly #failures = new Map<string, number>()
  #tells = false
  readonly #judging: Judging
  readonly #onChange: () => void

  constructor(lesson: Lesson, judging: Judging, onChange: () => void) {
    this.lesson = lesson
    this.#judging = judging
    this.#onChange = onChange
  }

  /** Makes the exercise where it is missing, and watches it and those that it builds on. */
  async begin(builtOn: Lesson[] = []): Promise<void> {
    await ensureExercise(this.lesson)
    const { exercise } = this.lesson
    const others = builtOn.map((lesson) => lesson.exercise)
    this.#watch = watchFiles([exercise, ...others], (changed) => void this.#onSaved(changed.includes(exercise)), {
      onPolling: this.#onChange,
    })
  }

  get way(): Watch['way'] {
    return this.#watch?.way ?? 'events'
  }

  /** Judges it now: nothing is judged before the student saves or asks. A check that is going on is ended. */
  check(why: Why): void {
    this.#want(why)
  }

  /** True where RabbitMQ has not had its word: on a pass, or on what the lab's own broker can't judge. */
  get isUnconfirmed(): boolean {
    const { judged } = this
    const verdict = judged?.report.verdict
    if (verdict !== 'passed' && verdict !== 'not-judged') return false
    return judged?.broker?.product !== undefined && judged.broker.product !== 'RabbitMQ'
  }

  /** What a failure looks like is told with the second time that it fails, or when it is asked for. */
  withholds({ title, seen }: Parameters<Withholds>[0]): boolean {
    return seen !== undefined && !this.#tells && (this.#failures.get(title) ?? 0) < 2
  }

  get isWithholding(): boolean {
    return this.judged?.report.expectations.some((each) => this.withholds(each)) === true
  }

  tellCure(): void {
    this.#tells = true
    this.#onChange()
  }

  async end(): Promise<void> {
    this.#ended = true
    this.#watch?.[Symbol.dispose]()
    this.#abort?.abort()
    await this.#loop
  }

  async #onSaved(isItself: boolean): Promise<void> {
    const content = await exerciseContent(this.lesson).catch(() => undefined)
    this.isGone = content === undefined
    this.#onChange()
    if (content === undefined) {
      // Half a second ago it was there: what is being judged is no longer what the student has.
      this.#abort?.abort()
      return
    }
    // Editors save in several steps: what is being judged already is not judged anew.
    if (isItself && this.running !== undefined && content === this.#content) return
    this.#want('saved')
  }

  #want(why: Why): void {
    if (this.#ended) return
    this.#wanted = why
    this.#abort?.abort()
    this.#loop ??= this.#work().finally(() => {
      this.#loop = undefined
    })
  }

  async #work(): Promise<void> {
    while (this.#wanted !== undefined && !this.#ended) {
      const why = this.#wanted
      this.#wanted = undefined
      await this.#judge(why)
    }
  }

  async #judge(why: Why): Promise<void> {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const running: Running = { why, since: performance.now(), progress: undefined }
    this.running = running
    this.#onChange()
    const onProgress = (progress: CheckProgress) => {
      running.progress = progress
      this.#onChange()
    }
    try {
      this.#content = await exerciseContent(this.lesson)
      const judge = why === 'confirm' ? this.#judging.confirm : this.#judging.check
      const judged = await judge?.(this.lesson, { signal, onProgress })
      if (!signal.aborted && judged !== undefined) this.#keep(judged)
    } catch (error) {
      if (!signal.aborted) this.problem = wordsOf(error)
    } finally {
      this.running = undefined
      if (!this.#ended) this.#onChange()
    }
  }

  #keep(judged: Judged): void {
    this.judged = judged
    this.judgedAt = new Date()
    this.isGone = false
    this.problem = undefined
    this.results++
    this.#tells = false
    for (const { title, verdict } of judged.report.expectations) {
      if (verdict === 'failed') this.#failures.set(title, (this.#failures.get(title) ?? 0) + 1)
    }
    if (this.isUnconfirmed) void this.#confirmLater(this.results)
  }

  async #confirmLater(result: number): Promise<void> {
    const isReady = await this.#judging.whenAuthoritative?.()
    // Meanwhile there may be another result, or another check.
    if (isReady && this.results === result && this.running === undefined) this.#want('confirm')
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof LabError) return visibleLines([error.message, error.advice].filter(Boolean).join(' '))
  return visibleLines(error instanceof Error ? (error.stack ?? error.message) : String(error))
}
