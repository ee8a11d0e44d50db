import type { Jitter } from '../jitter.ts'
import type { Lag } from '../lag.ts'
import type { ErrorSeen } from '../recording/error-seen.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import { Descendants } from './descendants.ts'
import type { StudentEvents } from './events.ts'
import type { Finding } from './findings/finding.ts'
import type { Own } from './findings/own-file.ts'
import * as findings from './findings.ts'
import type { Command, Launch, Launched, Running } from './launch.ts'
import type { Limits } from './limits.ts'
import { OutputLimit } from './output-limit.ts'
import type { ToStudent } from './protocol.ts'

/** How long its output is still read after its end, where what it has started holds that open. */
const OUTPUT_MS = 250
/** How many processes it may have started that live; a lesson needs a few. */
const MOST_STARTED = 64
/** How much later it may be told something, or killed, where timings vary. */
const MOST_LATE_MS = { told: 15, killed: 40 }

export interface ProcessOptions {
  /** Told the process ID as soon as there is one, before any code of the student's runs; see Broker.guard. */
  guard?: (pid: number) => void
  unguard?: (pid: number) => void
  /** It is a program in any language: nothing is known of how it ends but its exit code. */
  command?: Command | undefined
  /** Whether it may start processes: whether it leaves any behind is for the scenario to see. */
  mayFork?: boolean | undefined
  /** Has what it is told come a little later, and its end. */
  jitter?: Jitter | undefined
}

/** The process itself: its output, its end, and what it has started. */
export class StudentProcess implements AsyncDisposable {
  readonly #child: Running
  readonly #launched: Launched
  readonly #events: StudentEvents
  readonly #options: ProcessOptions & Own
  readonly #output: OutputLimit
  readonly #late: Lag | undefined
  readonly #gone = Promise.withResolvers<void>()
  /** Of a process that may start others, on this machine. */
  readonly #descendants: Descendants | undefined
  /** What it has started, as long as it says that it lives. */
  readonly #children = new Set<number>()
  #dying: { origin: string; error: ErrorSeen } | undefined
  /** It may end, or is ended: that is no finding. */
  #ending = false
  #exited = false
  /** A program's own start is not a loading that the lab waits for. */
  #isLoaded: boolean

  constructor(launched: Launched, events: StudentEvents, limits: Limits, options: ProcessOptions & Launch) {
    this.#child = launched.child
    this.#launched = launched
    this.#events = events
    this.#options = options
    this.#isLoaded = options.driver === undefined
    this.#output = new OutputLimit(limits, {
      line: (what, text) => events.note('process', { what, text }),
      flood: () => this.stop(findings.flood(limits.outputBytes)),
    })
    this.#late = options.jitter?.lag('what it is told', MOST_LATE_MS.told)
    this.#guard(this.pid)
    if (launched.mark !== undefined && this.pid !== undefined)
      this.#descendants = new Descendants(this.pid, launched.mark, MOST_STARTED, () =>
        this.stop(findings.manyProcesses(MOST_STARTED)),
      )
    events.note('process', { what: 'started' })
    this.#listen()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get exited(): boolean {
    return this.#exited
  }

  /** Resolves when it has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise
  }

  /** @param sent called when it is on its way */
  send(message: ToStudent, sent = () => {}): void {
    this.#later(() => {
      sent()
      this.#launched.line?.send(message)
    })
  }

  /** Hands over all that it says, and has said. */
  hear(listener: (message: unknown) => void): void {
    this.#launched.line?.hear(listener, {
      flood: () => this.stop(findings.messages()),
      memory: () => this.stop(findings.memory()),
    })
  }

  signal(signal: NodeJS.Signals): RecordedEvent {
    const event = this.#events.note('process', { what: 'signalled', signal })
    this.#later(() => {
      if (!this.#exited) this.#child.kill(signal)
    })
    return event
  }

  /** Ends it at once, as `kill -9` does. */
  async kill(): Promise<void> {
    await this.#options.jitter?.pauses('its end')(MOST_LATE_MS.killed)
    this.#ending = true
    if (!this.#exited) this.signal('SIGKILL')
    await this.gone
  }

  /** Ends it for what it did. */
  stop(finding: Finding): void {
    this.#events.find(finding)
    this.#ending = true
    this.#killGroup()
  }

  /** It kept the event loop busy for too long. */
  isBlocked(limitMs: number): void {
    this.stop(findings.blocked(limitMs, this.#options, this.#isLoaded))
  }

  /** The exercise is loaded. */
  loaded(): void {
    this.#isLoaded = true
  }

  mayEnd(): void {
    this.#ending = true
  }

  /** It has said of what it is dying. */
  isDyingOf(dying: { origin: string; error: ErrorSeen }): void {
    this.#dying = dying
  }

  /** It has started a process, which may be in a group of its own. */
  childStarted(pid: number): void {
    // The keeper kills what it guards: that must not be what somebody only says.
    if (this.#descendants?.has(pid) === false) return
    this.#children.add(pid)
    this.#guard(pid)
  }

  childExited(pid: number): void {
    if (this.#children.delete(pid)) this.#options.unguard?.(pid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true
    this.#killGroup()
    await this.gone
    for (const pid of [...this.#children]) this.childExited(pid)
    if (this.pid !== undefined) this.#options.unguard?.(this.pid)
  }

  #guard(pid: number | undefined): void {
    if (pid !== undefined && this.#launched.isGuardable) this.#options.guard?.(pid)
  }

  #later(act: () => void): void {
    if (this.#late === undefined) act()
    else this.#late.pass(act)
  }

  #listen(): void {
    const child = this.#child
    child.on('error', (error) => this.#events.find(findings.notStarted(error)))
    this.#output.read('stdout', child.stdout)
    this.#output.read('stderr', child.stderr)
    child.on('exit', (code, signal) => {
      // What it started must not outlive it, or hold its output open.
      if (!this.#options.mayFork) this.#killGroup()
      else setTimeout(() => this.#ended(code, signal), OUTPUT_MS)
    })
    child.on('close', (code, signal) => this.#ended(code, signal))
  }

  #ended(code: number | null, signal: string | null): void {
    if (this.#exited) return
    this.#exited = true
    if (!this.#ending) {
      const { command } = this.#options
      this.#events.find(
        findings.exited(
          code,
          signal,
          this.#dying,
          this.#output.last,
          this.#options,
          this.#isLoaded || command !== undefined,
          command !== undefined,
        ),
      )
    }
    this.#events.note('process', { what: 'exited', code, signal })
    this.#gone.resolve()
  }

  #killGroup(): void {
    const killGroup = () => this.#launched.killGroup()
    if (this.#descendants) this.#descendants.kill(killGroup)
    else killGroup()
  }
}
