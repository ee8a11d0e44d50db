import { setTimeout as sleep } from 'node:timers/promises'
import type { Recorder } from '../recording/recorder.ts'
import { ROOT } from '../root.ts'
import { openWorkers, type Workers } from '../student/workers.ts'
import { LOOPBACK } from '../wire/port.ts'
import * as sentences from './sentences.ts'

/** Workers that end with their cluster are given a moment for it. */
const END_MS = 1000
const LOOK_AGAIN_MS = 50

export interface ClusterOptions {
  recorder: Recorder
  /** The module that its workers run; undefined where the service is no cluster. */
  source: string | undefined
  dotMs: number
  say(text: string): void
}

/** The processes that a service starts itself: each runs the lab's file, and does as the lab says. */
export class Cluster {
  readonly #options: ClusterOptions
  #workers: Workers | undefined

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  /** @returns the file that the workers are to run; undefined where the service is no cluster */
  async begin(): Promise<string | undefined> {
    const { recorder, source, dotMs } = this.#options
    if (source === undefined) return undefined
    this.#workers = await openWorkers({
      recorder,
      root: ROOT,
      source,
      plan: (nth) => ({ nth, dotMs }),
      ports: LOOPBACK,
    })
    return this.#workers.file
  }

  /** Ends one worker as kill -9 does: the chosen one, where it lives. */
  kill(chosen: number | undefined): void {
    const alive = this.#workers?.alive() ?? []
    const worker = alive.find(({ nth }) => nth === chosen) ?? alive[0]
    if (worker) {
      this.#options.say(sentences.workerKilled(worker.nth))
      this.#workers?.tell(worker.nth, 'die')
    } else this.#options.say(sentences.noWorker(this.#options.source !== undefined))
  }

  /** How many workers still live when their service has ended. */
  async leftBehind(): Promise<number> {
    for (const end = performance.now() + END_MS; ; await sleep(LOOK_AGAIN_MS)) {
      const left = this.#workers?.alive().length ?? 0
      if (left === 0 || performance.now() > end) return left
    }
  }

  async end(): Promise<void> {
    await this.#workers?.[Symbol.asyncDispose]()
    this.#workers = undefined
  }
}
