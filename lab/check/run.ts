import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Reporter, Vitest } from 'vitest/node'
import { LabError } from '../errors.ts'
import type { CheckProgress } from '../report/progress.ts'
import type { CheckConfig } from './config.ts'
import { checkFile } from './load.ts'
import { lessonReport } from './outcome.ts'
import type { Playing } from './player/player.ts'
import { placeToRead } from './reading.ts'
import { serveRecordings } from './recordings.ts'

export interface CheckRequest extends Pick<CheckConfig, 'only' | 'from' | 'verbose'> {
  /** The names of the lessons to check. */
  lessons: string[]
  /** The lesson's scenarios, which are being played; undefined where recordings are judged again. */
  played: (lesson: string) => Playing | undefined
  signal?: AbortSignal
  onProgress?: ((progress: CheckProgress) => void) | undefined
}

/** What vitest listens for, to end the process. */
const ENDING = ['SIGINT', 'SIGTERM', 'exit'] as const

/**
 * Runs check files through vitest's own API. One runner does one check at a time, others wait for their turn; it can be
 * used again: a second check of the same lesson is quicker than the first.
 *
 *   run.ts ── provide(config) ──▶ vitest worker: checks/NN-slug/check.ts ── meta of each test ──▶ outcome.ts ──▶ report
 *          ◀─ asks for recordings ──
 */
export class CheckRunner implements AsyncDisposable {
  readonly #root: string
  readonly #vitest: Promise<Vitest>
  #tell: ((progress: CheckProgress) => void) | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(root: string) {
    this.#root = root
    this.#vitest = this.#create()
    this.#vitest.catch(() => {})
  }

  check(request: CheckRequest): Promise<ReturnType<typeof lessonReport>[]> {
    const checked = this.#last.then(() => this.#check(request))
    this.#last = checked.catch(() => {})
    return checked
  }

  async #check(request: CheckRequest): Promise<ReturnType<typeof lessonReport>[]> {
    const { lessons, only, from, verbose, played, signal, onProgress } = request
    signal?.throwIfAborted()
    if (lessons.length === 0) throw new LabError('no-lesson', 'There is no lesson to check.')
    const vitest = await this.#vitest
    using served = serveRecordings(
      (lesson, scenario) => played(lesson)?.recording(scenario) ?? Promise.reject(new Error(`${lesson} is not played`)),
    )
    vitest.provide('check', { only, from, verbose, recordings: served.name })
    const files = lessons.map((lesson) => checkFile(lesson, this.#root))
    const specifications = files.map((file) => vitest.getRootProject().createSpecification(file))
    const cancel = () => void vitest.cancelCurrentRun('keyboard-input')
    signal?.addEventListener('abort', cancel, { once: true })
    this.#tell = onProgress
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
    this.#tell = undefined
    signal?.removeEventListener('abort', cancel)
    signal?.throwIfAborted()
    // vitest sets the exit code of the process that it runs in; the lab decides that itself.
    process.exitCode = undefined
    return Promise.all(
      lessons.map(async (lesson, i) => {
        const module = testModules.find((candidate) => candidate.moduleId === files[i]?.replaceAll('\\', '/'))
        return lessonReport(lesson, module, unhandledErrors, {
          playedMs: await played(lesson)?.over,
          only,
          placeToRead: (heading) => placeToRead(this.#root, lesson, heading),
        })
      }),
    )
  }

  async #create(): Promise<Vitest> {
    const { createVitest } = await import('vitest/node')
    const before = ENDING.map((name) => process.listeners(name))
    const vitest = await createVitest(
      'test',
      {
        config: false,
        root: this.#root,
        include: ['checks/*/check.ts'],
        runner: fileURLToPath(new URL('./vitest-runner.ts', import.meta.url)),
        watch: false,
        pool: 'threads',
        // The time goes into playing, which is done elsewhere: judging is quick, and one file after the other will do.
        maxWorkers: 1,
        // The checks are the lab's own code, and share nothing: a fresh worker for each would only cost time.
        isolate: false,
        experimental: { viteModuleRunner: false },
        // The lab reports by itself, from the results.
        reporters: [progressReporter((progress) => this.#tell?.(progress))],
      },
      {},
      // It would hide the cursor.
      { stdout: silent() },
    )
    // vitest would end the process on a signal; what Ctrl-C ends is for the lab to say.
    for (const [i, name] of ENDING.entries()) {
      for (const listener of process.listeners(name)) if (!before[i]?.includes(listener)) process.off(name, listener)
    }
    return vitest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#vitest.catch(() => undefined))?.close()
    process.exitCode = undefined
  }
}

function silent(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}

/** Counts what vitest says of each expectation. */
function progressReporter(tell: (progress: CheckProgress) => void): Reporter {
  let progress: CheckProgress = { decided: 0, total: 0 }
  return {
    onTestRunStart() {
      progress = { decided: 0, total: 0 }
    },
    onTestModuleCollected(module) {
      progress.total += [...module.children.allTests()].length
      tell({ ...progress })
    },
    onTestCaseReady(test) {
      progress.awaiting = test.name
      tell({ ...progress })
    },
    onTestCaseResult() {
      progress.decided++
      tell({ ...progress })
    },
  }
}
