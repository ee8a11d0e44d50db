import type { Broker, Starting } from '../broker/broker.ts'
import { openBroker } from '../broker/choose.ts'
import type { KindName } from '../broker/kinds/kind.ts'
import type { CheckReport } from '../report/report.ts'
import { CheckRunner } from './run.ts'

export interface SessionOptions {
  root: string
  /** null: recordings are judged again, and no broker is needed. */
  broker: { kind: 'auto' | KindName; fresh?: boolean } | null
  /** Lesson name to the exports of the contract. */
  exports: Record<string, string[]>
  onStarting?: (starting: Starting) => void
  /** How many check files may run side by side. */
  workers?: number
}

export interface Wanted {
  /** Names of lessons. */
  lessons: string[]
  /** The folder with one NN-slug/exercise.ts per lesson. */
  tree: string
  /** Exercises that are elsewhere, by lesson. */
  files?: Record<string, string>
  only?: string[]
  record?: string | null
  from?: string | null
  /** Ends the check early; it then rejects with the signal's reason. */
  signal?: AbortSignal
}

/** A lease on a broker and a runner, for one check or many. Both start at once, side by side. */
export class Session implements AsyncDisposable {
  readonly broker: Promise<Broker | null>
  readonly #options: SessionOptions
  readonly #runner: CheckRunner

  constructor(options: SessionOptions) {
    this.#options = options
    const { broker, root, onStarting } = options
    this.broker =
      broker === null
        ? Promise.resolve(null)
        : openBroker({ ...broker, ...(onStarting === undefined ? {} : { onStarting }) })
    this.broker.catch(() => {})
    this.#runner = new CheckRunner(root, options.workers)
  }

  async check(wanted: Wanted): Promise<CheckReport> {
    const { root, exports } = this.#options
    const broker = await this.broker
    const { lessons, tree, files = {}, only = [], record = null, from = null, signal } = wanted
    const own = [`${root}/lessons`, `${root}/solutions`].includes(tree.replaceAll('\\', '/'))
    const reports = await this.#runner.check({
      ...(signal === undefined ? {} : { signal }),
      lessons,
      root,
      tree,
      files,
      only,
      record,
      from,
      exports,
      // A submission is graded with the solutions of earlier lessons, so that one mistake is not counted twice.
      solutionsOnly: !own,
      broker: broker === null ? null : { kind: broker.info.kind as KindName, key: broker.key },
    })
    const { kind, product, version } = broker?.info ??
      reports.map((report) => report.recordedOn).find(Boolean) ?? { kind: '', product: '', version: '' }
    return {
      broker: kind === '' ? null : { kind, product, version },
      lessons: reports.map(({ recordedOn: _, ...report }) => report),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const broker = await this.broker.catch(() => null)
    await Promise.all([this.#runner[Symbol.asyncDispose](), broker?.[Symbol.asyncDispose]()])
  }
}
