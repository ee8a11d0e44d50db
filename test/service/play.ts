import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker } from '../../lab/broker/broker.ts'
import { runLesson } from '../../lab/commands/running.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import type { Lesson } from '../../lab/lessons/lesson.ts'
import { ROOT } from '../../lab/root.ts'
import { labCommand, type Ran } from '../check/lab.ts'
import { Terminal } from './terminal.ts'

/** A student's process has to start, and a broker may have to restart, on a busy machine. */
const LIMIT_MS = 60_000

export interface PlayOptions {
  broker: Broker
  /** By its name, or one that the catalogue does not have. */
  lesson?: string | Lesson
  tree?: string
  columns?: number
  /** False: neither keys nor colour, as where the output goes into a file. */
  terminal?: boolean
}

/** A run of a service, with somebody at its terminal, and a folder of its own in which others find it. */
export class Play implements AsyncDisposable {
  readonly terminal = new Terminal(LIMIT_MS)
  readonly state = mkdtempSync(join(tmpdir(), 'cluster-up-run-'))
  readonly signal = new AbortController()
  readonly #options: PlayOptions
  ended: Promise<void> = Promise.resolve()

  private constructor(options: PlayOptions) {
    this.#options = options
  }

  static async begin(options: PlayOptions): Promise<Play> {
    const play = new Play(options)
    const all = await lessons(ROOT)
    const { lesson: wanted = '05-first-service' } = options
    const lesson = typeof wanted === 'string' ? all.find(({ name }) => name === wanted) : wanted
    if (!lesson) throw new Error('there is no such lesson')
    const { stdin, stdout } = play.terminal
    Object.assign(stdin, { isTTY: options.terminal !== false })
    Object.assign(stdout, { isTTY: options.terminal !== false, columns: options.columns ?? 120 })
    play.ended = runLesson(
      lesson,
      options.broker,
      Object.fromEntries([...all, lesson].map(({ name, exports }) => [name, exports])),
      options.tree ?? join(ROOT, 'solutions'),
      // The terminal has all of it that is used.
      { stdin, stdout, env: { LAB_HOME: play.state, LANG: 'C.UTF-8' } } as unknown as Parameters<typeof runLesson>[4],
      play.signal.signal,
    )
    // Whoever waits for the end hears of it; until then it is no unhandled rejection.
    play.ended.catch(() => {})
    return play
  }

  type(line: string): void {
    this.terminal.press(`${line}${this.#options.terminal === false ? '\n' : '\r'}`)
  }

  /** A key after Tab. */
  key(key: string): void {
    this.terminal.press(`\t${key}`)
  }

  /** Waits until the screen shows a text; `times`: so often. */
  async shows(text: string, times = 1): Promise<string> {
    const end = AbortSignal.timeout(LIMIT_MS)
    while (this.terminal.screen.split(text).length <= times) await this.terminal.changes(text, end)
    return this.terminal.screen
  }

  /** `npm run send`, in a second terminal. */
  send(...args: string[]): Promise<Ran> {
    return labCommand(['send', ...args], { LAB_HOME: this.state })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal.abort()
    this.terminal.press('\u0003')
    await this.ended.catch(() => {})
    rmSync(this.state, { recursive: true, force: true })
  }
}
