import type { ChildProcess } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { safeParse } from 'valibot'
import type { ErrorSeen } from '../recording/error-seen.ts'
import { Patience } from '../recording/patience.ts'
import type { Recorder, WaitOptions } from '../recording/recorder.ts'
import type { AskedEvent, RecordedEvent, ToldEvent, Unstamped } from '../recording/recording.ts'
import { type Attempt, tasks } from '../recording/tasks.ts'
import type { Asked } from '../recording/words/asked.ts'
import type { Told } from '../recording/words/told.ts'
import { exerciseBundle } from './bundle.ts'
import type { Finding } from './findings/finding.ts'
import { slowToLoad } from './findings/load.ts'
import { notReadable } from './findings/missing.ts'
import * as findings from './findings.ts'
import { StudentGone } from './gone.ts'
import { FromStudent } from './heard.ts'
import { type Launch, type Launched, launch } from './launch.ts'
import { LIMITS, type Limits } from './limits.ts'
import { Lines } from './output.ts'
import type { ToStudent } from './protocol.ts'
import type { Lot } from './spares.ts'
import { unless } from './unless.ts'

/**
 * The student's process, seen from the lab.
 *
 *   recorder ◀── told, printed, exited, findings ── student.ts ◀─ IPC ─▶ preload.ts + child.ts ─▶ driver ─▶ exercise
 */
export interface StudentOptions extends Launch {
  recorder: Recorder
  /** Counts the scenario's student processes, from 1. */
  number: number
  /** Told the process ID as soon as there is one, before any code of the student's runs; see Broker.guard. */
  guard?: (pid: number) => void
  unguard?: (pid: number) => void
  /** Processes that were started ahead. */
  spares?: Lot
}

/** What became of a call: it resolved with a value, it rejected, or it is still pending. */
export interface Settled {
  ok: boolean
  value: unknown
  error?: ErrorSeen | undefined
}

const PING_EVERY_MS = 250
/** So long what a process has printed may take to be read after its end, where others hold its output open. */
const OUTPUT_MS = 250

export class Student implements AsyncDisposable {
  readonly number: number
  readonly #process: ChildProcess
  readonly #recorder: Recorder
  readonly #limits: Limits
  readonly #options: StudentOptions
  readonly #exit = Promise.withResolvers<void>()
  readonly #pings = new Map<number, { at: number; resolve: (ms: number) => void }>()
  /** What the process has started, as long as it says that it lives. */
  readonly #children = new Set<number>()
  #calls = 0
  /** What calls are about, for those that tell of their end. */
  readonly #tasks = new Map<number, string>()
  #pingId = 0
  #bytes = 0
  #lines = 0
  #last: string[] = []
  #died: { origin: string; error: ErrorSeen } | undefined
  #ending = false
  #found = false
  #exited = false
  #ready = false
  /** A program's own start is no loading that the lab waits for. */
  #loaded: boolean
  #watch: NodeJS.Timeout | undefined

  /** Use startStudent(). */
  constructor(options: StudentOptions, { child, heard }: Launched) {
    this.number = options.number
    this.#options = options
    this.#recorder = options.recorder
    this.#limits = { ...LIMITS, ...options.limits }
    this.#loaded = options.driver === undefined
    this.#process = child
    if (child.pid !== undefined) options.guard?.(child.pid)
    this.#note('started')
    this.#listen()
    for (const message of heard()) this.#receive(message)
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get exited(): boolean {
    return this.#exited
  }

  /** Asks the driver for a call. Resolves when the driver has been asked, not when the call settles: see settled(). */
  call(name: string, args: object = {}): number {
    const id = ++this.#calls
    const { task } = asRecord(args)
    if (typeof task === 'string') this.#tasks.set(id, task)
    this.#recorder.note({ kind: 'called', student: this.number, name, id, args: asRecord(args) })
    this.#send({ type: 'call', id, name, args })
    return id
  }

  /** What became of a call. @throws NeverCame, StudentGone */
  async settled(id: number, what: string, options: WaitOptions = {}): Promise<Settled> {
    const { data } = await this.told('settled', {
      ...options,
      what: `${what} to settle`,
      where: (data) => data.id === id,
    })
    return data
  }

  /**
   * Waits for something that makes no sense any more once the call has settled: `wait` gets a signal that ends it then.
   * @throws StudentGone when the call settles first
   */
  whilePending<T>(call: number, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const settles = (signal: AbortSignal) =>
      this.#recorder.waitFor(
        'the call to settle',
        (event) => event.kind === 'told' && event.name === 'settled' && event.data.id === call,
        { signal, limitMs: 600_000 },
      )
    return unless(settles, wait, () => new StudentGone(`call ${call} settled first`))
  }

  /** call() and settled() in one. */
  async ask(name: string, args: object = {}, options: WaitOptions = {}): Promise<Settled> {
    return this.settled(this.call(name, args), `${name}()`, options)
  }

  /** Tells the driver something that is no call: a handler may finish, a signal is aborted. */
  tell<Name extends keyof Asked>(name: Name, data: Asked[Name]): RecordedEvent {
    const event = this.#recorder.note({ kind: 'asked', student: this.number, name, data } as Unstamped<AskedEvent>)
    this.#send({ type: 'tell', name, data })
    return event
  }

  /** Waits until the driver has told `name`. @throws NeverCame, StudentGone when the process ends first */
  async told<Name extends keyof Told>(
    name: Name,
    options: WaitOptions & { what?: string; where?: (data: Told[Name]) => boolean } = {},
  ): Promise<ToldEvent<Name>> {
    const { what = `your code to come to '${name}'`, where = () => true, ...wait } = options
    const isIt = (event: RecordedEvent): event is ToldEvent<Name> =>
      event.kind === 'told' && event.student === this.number && event.name === name
    return (await this.#unlessGone(
      what,
      wait,
      (event) => isIt(event) && where(event.data as Told[Name]),
    )) as ToldEvent<Name>
  }

  /** Waits for a line on standard output. */
  async prints(what: string, matches: (line: string) => boolean, options: WaitOptions = {}): Promise<RecordedEvent> {
    return this.#unlessGone(`your program to print ${what}`, options, (event) => {
      return (
        event.kind === 'process' &&
        event.student === this.number &&
        event.what === 'stdout' &&
        matches(event.text ?? '')
      )
    })
  }

  /** Any wait that makes no sense once the process is gone. */
  async #unlessGone(
    what: string,
    wait: WaitOptions,
    matches: (event: RecordedEvent) => boolean,
  ): Promise<RecordedEvent> {
    const gone = (event: RecordedEvent) =>
      event.kind === 'process' && event.what === 'exited' && event.student === this.number
    let seen = 0
    const wanted = wait.count ?? 1
    const event = await this.#recorder.waitFor(
      what,
      (candidate) => {
        // Further events may still pass by between the one that was wanted and the end of the wait.
        if (seen < wanted && matches(candidate)) seen++
        return seen === wanted || gone(candidate)
      },
      { ...wait, count: 1 },
    )
    if (seen === wanted) return event
    this.#recorder.note({ kind: 'awaited', what, limitMs: 0, instead: ['your process ended'] })
    throw new StudentGone(`the process ended before ${what}`)
  }

  /**
   * How long the event loop takes to answer, in milliseconds; recorded as 'pong'. Resolves with undefined when the
   * process is gone.
   */
  ping(): Promise<number | undefined> {
    const id = ++this.#pingId
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    this.#pings.set(id, {
      at: this.#recorder.now(),
      resolve: (ms) => {
        this.#recorder.note({ kind: 'told', student: this.number, name: 'pong', data: { ms } })
        resolve(ms)
      },
    })
    this.#send({ type: 'ping', id })
    void this.#exit.promise.then(() => resolve(undefined))
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
    const event = this.#recorder.note({ kind: 'process', student: this.number, what: 'signalled', signal })
    if (!this.#exited) this.#process.kill(signal)
    return event
  }

  /** Ends the process at once, as `kill -9` does: no finding is noted. */
  async kill(): Promise<void> {
    this.#ending = true
    if (!this.#exited) this.signal('SIGKILL')
    await this.#exit.promise
  }

  /** From now on the process may end by itself: that is no finding. */
  mayEnd(): void {
    this.#ending = true
  }

  /** Waits until the process has ended. @throws NeverCame */
  async ends(options: WaitOptions = {}): Promise<RecordedEvent> {
    return this.#recorder.waitFor(
      'your process to end',
      (event) => event.kind === 'process' && event.what === 'exited' && event.student === this.number,
      options,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true
    clearInterval(this.#watch)
    this.#killGroup()
    await this.#exit.promise
    for (const pid of [...this.#children]) this.#unguardChild(pid)
    if (this.pid !== undefined) this.#options.unguard?.(this.pid)
  }

  /** Loads the exercise and its driver. Resolves false, with a finding in the recording, when that fails. */
  async load(): Promise<boolean> {
    const { driver, exercise, setting } = this.#options
    if (driver === undefined) return true
    const file = realpathSync(exercise)
    const { sources } = await exerciseBundle(file, setting)
    this.#send({ type: 'load', exercise: pathToFileURL(file).href, sources })
    const done = this.#recorder.waitFor(
      'your file to load',
      (event) =>
        (event.kind === 'process' && event.student === this.number && /^(loaded|exited)$/.test(event.what)) ||
        (event.kind === 'finding' && event.student === this.number),
      { limitMs: this.#limits.loadMs },
    )
    try {
      const event = await done
      return event.kind === 'process' && event.what === 'loaded'
    } catch {
      this.#find(slowToLoad(this.#limits.loadMs, this.#options))
      return false
    }
  }

  #listen(): void {
    const child = this.#process
    child.on('message', (message) => this.#receive(message))
    child.on('error', (error) =>
      this.#find({ id: 'not-started', sentence: `The process could not be started: ${error.message}` }),
    )
    for (const name of ['stdout', 'stderr'] as const) {
      const lines = new Lines()
      child[name]?.on('data', (chunk: Buffer) => this.#printed(name, chunk.length, lines.push(chunk)))
      child[name]?.on('end', () => this.#printed(name, 0, lines.end()))
    }
    // Whatever the process started must not outlive it, or hold its output open.
    child.on('exit', (code, signal) => {
      if (!this.#options.mayFork) this.#killGroup()
      // Whether it has left any behind is for the scenario to see. They may hold its output open.
      else setTimeout(() => this.#ended(code, signal), OUTPUT_MS)
    })
    child.on('close', (code, signal) => this.#ended(code, signal))
    this.#watchOver()
  }

  #ended(code: number | null, signal: string | null): void {
    if (this.#exited) return
    this.#exited = true
    clearInterval(this.#watch)
    if (!this.#ending) {
      this.#find(findings.exited(code, signal, this.#died, this.#last, this.#options, this.#loaded))
    }
    this.#note('exited', { code, signal })
    this.#exit.resolve()
  }

  #receive(raw: unknown): void {
    const parsed = safeParse(FromStudent, raw)
    if (!parsed.success) return
    const message = parsed.output
    switch (message.type) {
      case 'ready':
        this.#ready = true
        return
      case 'loaded':
        this.#loaded = true
        this.#note('loaded')
        return
      case 'load-failed':
        this.#find(findings.notLoaded(message, this.#options))
        return
      case 'told':
        this.#recorder.noteTold(this.number, message.name, message.data)
        return
      case 'socket':
        this.#recorder.note({ kind: 'socket', student: this.number, port: message.port })
        return
      case 'site': {
        const { type: _, ...site } = message
        this.#recorder.note({ kind: 'site', student: this.number, ...site })
        return
      }
      case 'settled': {
        const { type: _, ...data } = message
        const task = this.#tasks.get(message.id)
        const about = task === undefined ? {} : { task }
        if (data.error !== undefined) data.error = findings.inPlainWords(data.error, this.#options)
        this.#recorder.note({ kind: 'told', student: this.number, name: 'settled', data: { ...data, ...about } })
        return
      }
      case 'pong': {
        const ping = this.#pings.get(message.id)
        this.#pings.delete(message.id)
        ping?.resolve(Math.round((this.#recorder.now() - ping.at) * 100) / 100)
        if (message.rssBytes > this.#limits.rssBytes) this.#stop(findings.memory())
        return
      }
      case 'child': {
        const { type: _, what, ...data } = message
        if (what === 'started') this.#guardChild(message.pid)
        else this.#unguardChild(message.pid)
        this.#recorder.noteTold(this.number, `child-${what}`, data)
        return
      }
      case 'dying':
        this.#died = message
        return
    }
  }

  /** A child may be in a process group of its own. */
  #guardChild(pid: number): void {
    this.#children.add(pid)
    this.#options.guard?.(pid)
  }

  #unguardChild(pid: number): void {
    if (this.#children.delete(pid)) this.#options.unguard?.(pid)
  }

  /** Pings now and then: a loop without an await, or memory without bound, is found while it happens. */
  #watchOver(): void {
    let answered = true
    let patience = new Patience(this.#limits.blockedMs)
    this.#watch = setInterval(() => {
      if (!this.#ready) return
      if (answered) {
        answered = false
        patience = new Patience(this.#limits.blockedMs)
        const id = ++this.#pingId
        this.#pings.set(id, {
          at: this.#recorder.now(),
          resolve: () => {
            answered = true
          },
        })
        this.#send({ type: 'ping', id })
      } else if (patience.isOver) {
        this.#stop(findings.blocked(this.#limits.blockedMs, this.#options, this.#loaded))
      }
    }, PING_EVERY_MS)
    this.#watch.unref()
  }

  #printed(what: 'stdout' | 'stderr', bytes: number, lines: string[]): void {
    this.#bytes += bytes
    for (const text of lines) {
      if (/^\(Use `node --trace-/.test(text)) continue
      this.#last = [...this.#last.slice(-39), text]
      if (++this.#lines <= this.#limits.outputLines) this.#note(what, { text })
    }
    if (this.#bytes > this.#limits.outputBytes) this.#stop(findings.flood(this.#limits.outputBytes))
  }

  #stop(finding: Finding): void {
    this.#find(finding)
    this.#ending = true
    this.#killGroup()
  }

  #find(finding: Finding): void {
    if (this.#found) return
    this.#found = true
    this.#recorder.note({ kind: 'finding', student: this.number, ...finding })
  }

  #note(what: 'started' | 'loaded' | 'stdout' | 'stderr' | 'exited', more: object = {}): void {
    this.#recorder.note({ kind: 'process', student: this.number, what, ...more })
  }

  #send(message: ToStudent): void {
    if (this.#process.connected) this.#process.send(message, () => {})
  }

  #killGroup(): void {
    const { pid } = this.#process
    if (pid === undefined) return
    try {
      if (process.platform === 'win32') this.#process.kill('SIGKILL')
      else process.kill(-pid, 'SIGKILL')
    } catch {
      // ESRCH: the group is gone already, which is what is wanted.
    }
  }
}

/** Starts the process and loads the exercise. @throws StudentGone when the file is missing or does not load */
export async function startStudent(options: StudentOptions): Promise<Student> {
  const unreadable = notReadable(options.exercise)
  if (unreadable) {
    options.recorder.note({ kind: 'finding', student: options.number, ...unreadable })
    throw new StudentGone('there is no exercise')
  }
  const { setting, exercise, driver, env, limits, mayFork, spares } = options
  const how: Launch = {
    setting,
    exercise,
    ...(driver === undefined ? {} : { driver }),
    ...(env === undefined ? {} : { env }),
    ...(limits === undefined ? {} : { limits }),
    ...(mayFork === undefined ? {} : { mayFork }),
  }
  const student = new Student(options, await (spares?.take(how) ?? launch(how)))
  if (await student.load()) return student
  await student[Symbol.asyncDispose]()
  throw new StudentGone('the exercise was not loaded')
}

function asRecord(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
}
