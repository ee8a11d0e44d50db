import type { ChildProcess } from 'node:child_process'
import type { ErrorSeen } from '../recording/error-seen.ts'
import type { RecordedEvent } from '../recording/recording.ts'
import type { StudentEvents } from './events.ts'
import * as findings from './findings.ts'
import type { Command, Launched } from './launch.ts'
import type { Limits } from './limits.ts'
import { OutputLimit } from './output-limit.ts'
import type { ToStudent } from './protocol.ts'

/** How long its output is still read after its end, where what it has started holds that open. */
const OUTPUT_MS = 250

export interface ProcessOptions {
  /** Told the process ID as soon as there is one, before any code of the student's runs; see Broker.guard. */
  guard?: (pid: number) => void
  unguard?: (pid: number) => void
  /** It is a program in any language: nothing is known of how it ends but its exit code. */
  command?: Command | undefined
  /** Whether it may start processes: whether it leaves any behind is for the scenario to see. */
  mayFork?: boolean | undefined
}

/** The process itself: its output, its end, and what it has started. */
export class StudentProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #heard: Launched['heard']
  readonly #events: StudentEvents
  readonly #options: ProcessOptions
  readonly #output: OutputLimit
  readonly #gone = Promise.withResolvers<void>()
  /** What it has started, as long as it says that it lives. */
  readonly #children = new Set<number>()
  #dying: { origin: string; error: ErrorSeen } | undefined
  /** It may end, or is ended: that is no finding. */
  #ending = false
  #exited = false

  constructor({ child, heard }: Launched, events: StudentEvents, limits: Limits, options: ProcessOptions) {
    this.#child = child
    this.#heard = heard
    this.#events = events
    this.#options = options
    this.#output = new OutputLimit(limits, {
      line: (what, text) => events.note('process', { what, text }),
      flood: () => this.stop(findings.flood(limits.outputBytes)),
    })
    if (child.pid !== undefined) options.guard?.(child.pid)
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

  send(message: ToStudent): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** Hands over all that it says, and has said. */
  hear(listener: (message: unknown) => void): void {
    this.#child.on('message', listener)
    for (const message of this.#heard()) listener(message)
  }

  signal(signal: NodeJS.Signals): RecordedEvent {
    const event = this.#events.note('process', { what: 'signalled', signal })
    if (!this.#exited) this.#child.kill(signal)
    return event
  }

  /** Ends it at once, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#ending = true
    if (!this.#exited) this.signal('SIGKILL')
    await this.gone
  }

  /** Ends it for what it did. */
  stop(finding: findings.Finding): void {
    this.#events.find(finding)
    this.#ending = true
    this.#killGroup()
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
    this.#children.add(pid)
    this.#options.guard?.(pid)
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
    if (!this.#ending)
      this.#events.find(
        findings.exited(code, signal, this.#dying, this.#output.last, this.#options.command !== undefined),
      )
    this.#events.note('process', { what: 'exited', code, signal })
    this.#gone.resolve()
  }

  #killGroup(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      if (process.platform === 'win32') this.#child.kill('SIGKILL')
      else process.kill(-pid, 'SIGKILL')
    } catch {
      // ESRCH: the group is gone already, which is what is wanted.
    }
  }
}
