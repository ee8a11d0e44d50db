import { realpathSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ErrorSeen } from '../recording/error-seen.ts'
import { pass } from '../recording/patience.ts'
import type { Recorder, WaitOptions } from '../recording/recorder.ts'
import type { RecordedEvent, ToldEvent } from '../recording/recording.ts'
import { type Attempt, tasks } from '../recording/tasks.ts'
import type { Asked } from '../recording/words/asked.ts'
import type { Told } from '../recording/words/told.ts'
import { awaited } from './awaited.ts'
import { exerciseBundle } from './bundle.ts'
import { Conversation } from './conversation.ts'
import { isExit, type StudentEvent, StudentEvents } from './events.ts'
import { linkOut } from './findings/links.ts'
import { notReadable } from './findings/missing.ts'
import { StudentGone } from './gone.ts'
import { type Launch, type Launched, launch } from './launch.ts'
import { LIMITS, type Limits } from './limits.ts'
import type { Reserved } from './pool.ts'
import { type ProcessOptions, StudentProcess } from './process.ts'
import { unless } from './unless.ts'
import { Watchdog } from './watchdog.ts'

export interface StudentOptions extends Launch, ProcessOptions {
  recorder: Recorder
  /** Counts the scenario's student processes, from 1. */
  number: number
  /** Processes that were started ahead. */
  pool?: Reserved
  /** Told as soon as there is a process to end, before it has loaded anything. */
  onStarted?: (student: Student) => void
}

/** What became of a call: it resolved with a value, it rejected, or it is still pending. */
export interface Settled {
  ok: boolean
  value: unknown
  error?: ErrorSeen | undefined
}

/** Longer than any scenario lasts. */
const SCENARIO_MS = 600_000
/** A command can't answer: it is given this time for it. */
const COMMAND_PING_MS = 40

/**
 * The student's process, seen from the lab.
 *
 *   recorder ◀── events.ts ◀─┬─ process.ts: its output, its end ◀── output-limit.ts, watchdog.ts
 *                            └─ conversation.ts ◀── IPC ──▶ preload.ts + child.ts ──▶ driver ──▶ exercise
 */
export class Student implements AsyncDisposable {
  readonly number: number
  readonly #options: StudentOptions
  readonly #recorder: Recorder
  readonly #limits: Limits
  readonly #events: StudentEvents
  readonly #process: StudentProcess
  readonly #watchdog: Watchdog
  readonly #conversation: Conversation

  /** Use startStudent(). */
  constructor(options: StudentOptions, launched: Launched) {
    const { recorder, number } = options
    this.number = number
    this.#options = options
    this.#recorder = recorder
    this.#limits = { ...LIMITS, ...options.limits }
    this.#events = new StudentEvents(recorder, number)
    this.#process = new StudentProcess(launched, this.#events, this.#limits, options)
    this.#watchdog = new Watchdog(this.#process, this.#limits, () => recorder.now())
    this.#conversation = new Conversation(this.#process, this.#events, this.#watchdog, options)
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get exited(): boolean {
    return this.#process.exited
  }

  /** It has no line to the lab: neither its attempts to connect nor its event loop can be seen. */
  get isCommand(): boolean {
    return this.#options.command !== undefined
  }

  /** Asks the driver for a call. Resolves when the driver has been asked, not when the call settles: see settled(). */
  call(name: string, args: object = {}): number {
    return this.#conversation.call(name, args)
  }

  /** What became of a call. @throws NeverCame, StudentGone */
  async settled(id: number, what: string, options: WaitOptions = {}): Promise<Settled> {
    const where = (data: Told['settled']) => data.id === id
    return (await this.told('settled', { ...options, what: awaited.settled(what), where })).data
  }

  /**
   * Waits for something that makes no sense any more once the call has settled: `wait` gets a signal that ends it then.
   * @throws StudentGone when the call settles first
   */
  whilePending<T>(call: number, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const isEnd = (event: StudentEvent) => event.kind === 'told' && event.name === 'settled' && event.data.id === call
    const settles = (signal: AbortSignal) =>
      this.#events.waitFor(awaited.settled('the call'), isEnd, { signal, limitMs: SCENARIO_MS })
    return unless(settles, wait, () => new StudentGone(`call ${call} settled first`))
  }

  /** call() and settled() in one. */
  async ask(name: string, args: object = {}, options: WaitOptions = {}): Promise<Settled> {
    return this.settled(this.call(name, args), `${name}()`, options)
  }

  /** Tells the driver something that is no call: a handler may finish, a signal is aborted. */
  tell<Name extends keyof Asked>(name: Name, data: Asked[Name]): RecordedEvent {
    return this.#conversation.tell(name, data)
  }

  /** Waits until the driver has told `name`. @throws NeverCame, StudentGone when the process ends first */
  async told<Name extends keyof Told>(
    name: Name,
    options: WaitOptions & { what?: string; where?: (data: Told[Name]) => boolean } = {},
  ): Promise<ToldEvent<Name>> {
    const { what = awaited.told(name), where = () => true, ...wait } = options
    const matches = (event: StudentEvent) =>
      event.kind === 'told' && event.name === name && where(event.data as Told[Name])
    return (await this.#events.unlessGone(what, matches, wait)) as ToldEvent<Name>
  }

  /** Waits for a line on standard output. @throws NeverCame, StudentGone when the process ends first */
  async prints(what: string, matches: (line: string) => boolean, options: WaitOptions = {}): Promise<RecordedEvent> {
    const isLine = (event: StudentEvent) =>
      event.kind === 'process' && event.what === 'stdout' && matches(event.text ?? '')
    return this.#events.unlessGone(awaited.printed(what), isLine, options)
  }

  /**
   * How long the event loop takes to answer, in milliseconds; recorded as 'pong'. Resolves with undefined when the
   * process is gone.
   */
  async ping(): Promise<number | undefined> {
    if (this.isCommand) {
      await pass(COMMAND_PING_MS)
      return this.exited ? undefined : COMMAND_PING_MS
    }
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    this.#watchdog.ping((ms) => {
      this.#events.noteTold('pong', { ms })
      resolve(ms)
    })
    void this.#process.gone.then(() => resolve(undefined))
    return promise
  }

  /** Two answers: what the lab had told before has had its effect, and the process is still there. @throws StudentGone */
  async lives(): Promise<void> {
    for (let i = 0; i < 2; i++) if ((await this.ping()) === undefined) throw new StudentGone('the process ended')
  }

  /** All that the exercise has sent on these channels is at the broker, and seen by the wire. */
  async roundTrip(...channels: string[]): Promise<void> {
    for (const channel of channels) await this.ask('roundTrip', { channel })
  }

  /** Its handlers that have begun and that the lab has not told to end, in the order in which they began. */
  get unfinished(): Attempt[] {
    return tasks(this.#recorder).unfinished(this.number)
  }

  /** Lets handlers end, all of them in one go. */
  finish(how: 'resolve' | 'reject', handlers: Pick<Attempt, 'call' | 'task'>[]): void {
    if (handlers.length === 0) return
    this.tell('finish', { calls: handlers.map(({ call }) => call), tasks: handlers.map(({ task }) => task), how })
  }

  signal(signal: NodeJS.Signals): RecordedEvent {
    return this.#process.signal(signal)
  }

  /** Ends the process at once, as `kill -9` does: no finding is noted. */
  async kill(): Promise<void> {
    await this.#process.kill()
  }

  /** From now on the process may end by itself: that is no finding. */
  mayEnd(): void {
    this.#process.mayEnd()
  }

  /** Waits until the process has ended. @throws NeverCame */
  async ends(options: WaitOptions = {}): Promise<RecordedEvent> {
    return this.#events.waitFor(awaited.exited, isExit, options)
  }

  /** Loads the exercise and its driver. Resolves false, with a finding in the recording, when that fails. */
  async load(): Promise<boolean> {
    const { driver, exercise, setting } = this.#options
    if (driver === undefined) return true
    const file = realpathSync(exercise)
    const { sources } = await exerciseBundle(file, setting)
    return this.#conversation.load({ exercise: pathToFileURL(file).href, sources }, this.#limits.loadMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watchdog.end()
    await this.#process[Symbol.asyncDispose]()
  }
}

/** Starts the process and loads the exercise. @throws StudentGone when the file is missing or does not load */
export async function startStudent(options: StudentOptions): Promise<Student> {
  const unreadable = options.command
    ? undefined
    : (linkOut(options.exercise, fileURLToPath(options.setting.tree).replace(/[\\/]$/, '')) ??
      notReadable(options.exercise))
  if (unreadable) {
    options.recorder.note({ kind: 'finding', student: options.number, ...unreadable })
    throw new StudentGone('there is no exercise')
  }
  const { setting, exercise, driver, env, limits, mayFork, pool, command } = options
  const how: Launch = { setting, exercise, driver, env, limits, mayFork, command }
  const student = new Student(options, await (command ? launch(how) : (pool?.take(how) ?? launch(how))))
  options.onStarted?.(student)
  if (await student.load()) return student
  await student[Symbol.asyncDispose]()
  throw new StudentGone('the exercise was not loaded')
}
