import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Recorder } from '../../lab/recording/recorder.ts'
import type { FindingEvent, RecordedEvent } from '../../lab/recording/recording.ts'
import { ROOT } from '../../lab/root.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Limits } from '../../lab/student/limits.ts'
import { type Student, startStudent } from '../../lab/student/student.ts'

const LESSON = '02-retrying-connection'

/** Where a tree can be: somewhere else on disk, or in the project itself, as lessons/ is. */
const PARENTS = { outside: tmpdir(), inside: join(ROOT, '.lab') }

/** A tree, and a driver that calls its `run`. */
export class Place implements Disposable {
  readonly folder: string
  readonly recorder = new Recorder()
  readonly #driver: string

  constructor(
    source: string | Buffer | undefined,
    files: Record<string, string> = {},
    where: keyof typeof PARENTS = 'outside',
  ) {
    mkdirSync(PARENTS[where], { recursive: true })
    this.folder = mkdtempSync(join(PARENTS[where], 'cluster-up-test-'))
    if (source !== undefined) this.write(`tree/${LESSON}/exercise.ts`, source)
    for (const [name, content] of Object.entries(files)) this.write(name, content)
    this.#driver = this.write(
      // Where the process may read: the lab's own drivers are in checks/.
      'tree/driver.ts',
      `export default { exports: ['run'], calls: { run: (exercise, args, line) => exercise.run(args, line) } }\n`,
    )
  }

  write(name: string, content: string | Buffer): string {
    const path = join(this.folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  get exercise(): string {
    return join(this.folder, 'tree', LESSON, 'exercise.ts')
  }

  /** Starts the process; undefined when it could not be used: then the recording has a finding. */
  async start(
    options: {
      program?: boolean
      env?: Record<string, string>
      limits?: Partial<Limits>
      guard?: (pid: number) => void
      solutionsOnly?: boolean
      mayFork?: boolean
    } = {},
  ): Promise<Student | undefined> {
    const { program, solutionsOnly = false, ...rest } = options
    const url = (path: string) => `${pathToFileURL(path).href}/`
    try {
      return await startStudent({
        recorder: this.recorder,
        number: 1,
        exercise: this.exercise,
        ...(program ? {} : { driver: this.#driver }),
        setting: {
          lab: url(ROOT),
          tree: url(join(this.folder, 'tree')),
          // The driver of the tests is beside the tree; the solutions are where a process may read anyway.
          solutions: url(join(this.folder, 'solutions')),
          exports: { '01-first-connection': ['openConnection'], [LESSON]: ['run'] },
          solutionsOnly,
          lesson: LESSON,
        },
        ...rest,
      })
    } catch (error) {
      if (error instanceof StudentGone) return undefined
      throw error
    }
  }

  /** The finding, once there is one. */
  async finding(): Promise<FindingEvent> {
    return (await this.recorder.waitFor('a finding', (event) => event.kind === 'finding', {
      limitMs: 60_000,
    })) as FindingEvent
  }

  printed(): string[] {
    return this.recorder.events.flatMap((event: RecordedEvent) =>
      event.kind === 'process' && event.text !== undefined ? [event.text] : [],
    )
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
