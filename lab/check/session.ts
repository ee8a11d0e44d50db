import type { Broker, Starting } from '../broker/broker.ts'
import { openBroker } from '../broker/choose.ts'
import type { KindName } from '../broker/kinds/kind.ts'
import type { CheckProgress } from '../report/progress.ts'
import { readable } from '../report/readable.ts'
import type { CheckReport, LessonReport } from '../report/report.ts'
import type { FoundSandbox } from '../sandbox/found.ts'
import type { Command } from '../student/launch.ts'
import { judgeDirectly } from './directly.ts'
import type { Judged } from './judge.ts'
import { Player, type Playing } from './player/player.ts'
import { CheckRunner } from './run.ts'

export interface SessionOptions {
  root: string
  /** null: each check says on which broker it runs, or judges recordings again. */
  broker: { kind: 'auto' | KindName; fresh?: boolean; key?: string } | null
  /** Lesson name to the exports of the contract. */
  exports: Record<string, string[]> | Promise<Record<string, string[]>>
  /** What the exercises run in; by default they are processes of the lab's own user. See sandbox/find.ts. */
  sandbox?: FoundSandbox | null | Promise<FoundSandbox | null> | undefined
  onStarting?: (starting: Starting) => void
}

/** The phases in which a broker that is starting needs this machine less than it did before. */
const UNDER_WAY: Starting['phase'][] = ['pulling', 'booting']

export interface Wanted {
  /** Names of lessons. */
  lessons: string[]
  /** The folder with one NN-slug/exercise.ts per lesson. */
  tree: string
  /** Exercises that are elsewhere, by lesson. */
  files?: Record<string, string>
  only?: string[]
  record?: string | null
  /** How long the check of a lesson may take, in milliseconds; by default see time-limit.ts. */
  limitMs?: number
  /** A program in any language, in the exercise's place. */
  program?: Command | null
  from?: string | null
  /** Has the lab's own moments vary, always in the same way for the same seed. */
  seed?: number | null
  /** With all that happened in the scenarios of what fell short. */
  verbose?: boolean
  /** A broker of the caller's, in place of the session's own. */
  on?: Broker
  /** With all texts just as they were, for a program to read. People get them as report/readable.ts has them. */
  raw?: boolean
  /** Judge without vitest; see directly.ts. */
  directly?: boolean
  /** Told of each expectation that is judged directly. */
  onJudged?: (title: string, judged: Judged) => void
  /** Ends the check early; it then rejects with the signal's reason. */
  signal?: AbortSignal
  onProgress?: ((progress: CheckProgress) => void) | undefined
}

/**
 * A lease on a broker, a player and a runner, for one check or many.
 *
 *   Session ──▶ lease ──────────▶ broker
 *           ──▶ player/player.ts: scenarios, in a process of their own ──▶ recordings
 *           ──▶ run.ts: vitest, which judges them
 */
export class Session implements AsyncDisposable {
  readonly broker: Promise<Broker | null>
  readonly #options: SessionOptions
  #player: Player | undefined
  /** Resolves when the broker is there, or will never be, or is being booted or downloaded. */
  readonly #underWay: Promise<void>
  #runner: CheckRunner | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    const { broker, onStarting = () => {} } = options
    const underWay = Promise.withResolvers<void>()
    const tell = (starting: Starting) => {
      onStarting(starting)
      if (UNDER_WAY.includes(starting.phase)) underWay.resolve()
    }
    this.#underWay = underWay.promise
    this.#player = broker === null ? undefined : new Player(onStarting)
    this.broker = broker === null ? Promise.resolve(null) : openBroker({ ...broker, onStarting: tell })
    this.broker.catch(() => {}).finally(underWay.resolve)
  }

  /** Loads vitest ahead of the first check. */
  warm(): CheckRunner {
    this.#runner ??= new CheckRunner(this.#options.root)
    return this.#runner
  }

  async check(wanted: Wanted): Promise<CheckReport> {
    const { root } = this.#options
    const [exports, sandbox = null] = await Promise.all([this.#options.exports, this.#options.sandbox])
    const {
      lessons,
      tree,
      files = {},
      only = [],
      record = null,
      program = null,
      limitMs,
      from = null,
      seed = null,
    } = wanted
    const { verbose = false, raw = false, directly = false, onJudged, on, signal, onProgress } = wanted
    const source = on === undefined ? this.broker : Promise.resolve(on)
    const own = [`${root}/lessons`, `${root}/solutions`].includes(tree.replaceAll('\\', '/'))
    // A submission is graded with the solutions of earlier lessons, so that one mistake is not counted twice.
    const config = { root, tree, files, exports, only, record, program, limitMs, seed, sandbox, solutionsOnly: !own }
    // A machine that is about to start a broker has no time for anything else: what waits for the broker can wait for this.
    await Promise.race([source, this.#underWay])
    signal?.throwIfAborted()
    const programme = from === null ? this.#players.prepare(lessons, config) : undefined
    const playing = programme?.playing ?? new Map<string, Playing>()
    const beginning = source.then((broker) => {
      if (broker === null) return null
      programme?.on({ kind: broker.info.kind as KindName, key: broker.key })
      return broker
    })
    // vitest loads the check while the broker boots; where it does not come up, nothing will be played.
    const end = () => void this.#player?.end()
    const noBroker = new AbortController()
    beginning.catch((error: unknown) => {
      noBroker.abort(error)
      end()
    })
    signal?.addEventListener('abort', end, { once: true })
    // What takes longest is the waiting in the scenarios: it begins before vitest takes this machine's attention. While a
    // container starts, there is nothing to begin with.
    if (sandbox?.kind !== 'docker') await Promise.all([...playing.values()].map(({ begun }) => begun))
    const reports = directly
      ? await Promise.all(
          lessons.map((lesson) => judgeDirectly({ root, lesson, only, from, playing: playing.get(lesson), onJudged })),
        )
      : await this.warm().check({
          lessons,
          only,
          from,
          verbose,
          signal: signal === undefined ? noBroker.signal : AbortSignal.any([signal, noBroker.signal]),
          played: (lesson) => playing.get(lesson),
          onProgress,
        })
    signal?.removeEventListener('abort', end)
    const broker = await beginning
    const { kind, product, version } = broker?.info ??
      reports.map((report) => report.recordedOn).find(Boolean) ?? { kind: '', product: '', version: '' }
    const report = {
      broker: kind === '' ? null : { kind, product, version },
      lessons: reports.map(({ recordedOn: _, ...lesson }) => (program ? ofProgram(lesson) : lesson)),
    }
    return raw ? report : readable(report)
  }

  get #players(): Player {
    this.#player ??= new Player(this.#options.onStarting)
    return this.#player
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#player?.[Symbol.asyncDispose]()
    const broker = await this.broker.catch(() => null)
    await Promise.all([this.#runner?.[Symbol.asyncDispose](), broker?.[Symbol.asyncDispose]()])
  }
}

/** What needs an import is not judged of a program in another language, and does not keep it from passing. */
function ofProgram(report: LessonReport): LessonReport {
  const isJudged = report.expectations.some(({ verdict }) => verdict === 'passed')
  return report.verdict === 'not-judged' && isJudged ? { ...report, verdict: 'passed' } : report
}
