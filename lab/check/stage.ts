import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker, ConnectionSeen, Harm, Turn, Vhost } from '../broker/broker.ts'
import { nodesOf } from '../broker/nodes.ts'
import { LabError } from '../errors.ts'
import type { Jitter } from '../jitter.ts'
import { nth } from '../recording/ask.ts'
import { connections } from '../recording/connections.ts'
import { Patience, pass } from '../recording/patience.ts'
import { goOn, type Recorder } from '../recording/recorder.ts'
import type { FrameEvent, RecordedEvent } from '../recording/recording.ts'
import { type Attempt, tasks } from '../recording/tasks.ts'
import type { Reserved } from '../student/pool.ts'
import { type Student, startStudent } from '../student/student.ts'
import { whileRunning } from '../student/while-running.ts'
import { openWorkers, type Workers } from '../student/workers.ts'
import type { FrameName } from '../wire/match.ts'
import { openWire, type SeesOptions, type Wire } from '../wire/wire.ts'
import { type ArrivalOptions, arrival, MOMENTS_MS } from './arrival.ts'
import type { PlayConfig } from './config.ts'
import type { Enclosure } from './enclosure.ts'
import { launchOf } from './launch.ts'
import { NotPlayed } from './not-played.ts'
import { Observer } from './observer.ts'
import type { TimeLimit } from './time-limit.ts'

/** How long the broker may take to list a connection that it has let in: on a busy machine its events come late. */
const LISTED_LIMIT_MS = 5000
/** How long it may take to notice that a process is gone. */
const LEFT_LIMIT_MS = 30_000
/** How much later the broker is restarted or harmed, where timings vary. */
const MOST_LATE_MS = 40
/** What the recording says of harm done to a node. */
const HARMED = { stop: 'node-stopped', kill: 'node-killed', freeze: 'node-frozen' } as const satisfies Record<
  Harm,
  string
>

/**
 * Where a scenario plays: a virtual host, a wire, and the student's processes. Everything on it is gone when it ends.
 *
 *   student ──▶ wire ──▶ broker ◀── observer (the lab's own client, past the wire)
 */
export class Stage implements AsyncDisposable {
  readonly recorder: Recorder
  readonly broker: Broker
  readonly vhost: Vhost
  readonly wire: Wire
  /** What the lab itself does at the broker, past the wire. */
  observer: Observer
  readonly #turn: Turn
  readonly #lesson: string
  readonly #config: PlayConfig
  readonly #pool: Reserved
  readonly #enclosure: Enclosure
  readonly #mayFork: boolean
  /** Where timings vary. */
  readonly #jitter: Jitter | undefined
  readonly #pause: ((mostMs: number) => Promise<void>) | undefined
  readonly #wantsRestart: () => void
  readonly #students: Student[] = []
  readonly #moreWires: Wire[] = []
  readonly #workers: Workers[] = []
  readonly #time: TimeLimit
  #isOver = false

  private constructor(parts: {
    recorder: Recorder
    broker: Broker
    vhost: Vhost
    wire: Wire
    turn: Turn
    lesson: string
    config: PlayConfig
    pool: Reserved
    enclosure: Enclosure
    /** Told when the scenario has come to where it waits for a restart. */
    wantsRestart?: () => void
    mayFork?: boolean
    time: TimeLimit
    jitter?: Jitter | undefined
  }) {
    this.recorder = parts.recorder
    this.broker = parts.broker
    this.vhost = parts.vhost
    this.wire = parts.wire
    this.#turn = parts.turn
    this.#lesson = parts.lesson
    this.#config = parts.config
    this.#pool = parts.pool
    this.#enclosure = parts.enclosure
    this.#mayFork = parts.mayFork ?? false
    this.#wantsRestart = parts.wantsRestart ?? (() => {})
    this.#time = parts.time
    this.#jitter = parts.jitter
    this.#pause = parts.jitter?.pauses('the broker')
    this.observer = new Observer(parts.vhost.url(), parts.recorder, parts.jitter?.of('observer'))
  }

  static async open(options: {
    recorder: Recorder
    broker: Broker
    lesson: string
    config: PlayConfig
    pool: Reserved
    enclosure: Enclosure
    /** Told when the scenario has come to where it waits for a restart. */
    wantsRestart?: () => void
    /** Whether the exercise may start processes of its own. */
    mayFork?: boolean
    /** What the check has left of its time. */
    time: TimeLimit
    jitter?: Jitter | undefined
    restarts: boolean
    spelling: 'plain' | 'odd'
  }): Promise<Stage> {
    const { broker, recorder, time, restarts, spelling, jitter, enclosure } = options
    const turn = await broker.turn({ restarts, signal: time.signal })
    try {
      const vhost = await broker.openVhost({ spelling })
      const wire = await openWire({
        recorder,
        target: { host: broker.host, port: broker.port },
        ports: enclosure.ports,
        jitter: jitter?.of('wire'),
      })
      return new Stage({ ...options, vhost, wire, turn })
    } catch (error) {
      await turn[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The URL that the student's service is given: through the wire, with the virtual host's credentials. */
  get url(): string {
    return this.vhost.url({ host: this.wire.host, port: this.wire.port })
  }

  /** The same through another wire. */
  urlAt({ host, port }: Wire): string {
    return this.vhost.url({ host, port })
  }

  /**
   * Wires of their own, one in front of each node: of the cluster where the scenario needs one, else as if the one broker
   * had as many.
   */
  async wiresToNodes(): Promise<{ node: string; wire: Wire; url: string }[]> {
    return Promise.all(
      nodesOf(this.broker).map(async ({ name, host, port }) => {
        const jitter = this.#jitter?.of(`wire to ${name}`)
        const { ports } = this.#enclosure
        const wire = await openWire({ recorder: this.recorder, target: { host, port }, ports, name, jitter })
        this.#keep(wire, this.#moreWires)
        return { node: name, wire, url: this.urlAt(wire) }
      }),
    )
  }

  /** Does harm to a node of the cluster. Needs { needs: ['cluster'] }; the end of the scenario fixes it. */
  async harm(node: string, how: Harm): Promise<RecordedEvent> {
    await this.#pause?.(MOST_LATE_MS)
    await this.#turn.harm(node, how)
    return this.recorder.note({ kind: 'broker', what: HARMED[how], data: { node } })
  }

  /** From now on the lab itself speaks to this node of the cluster. */
  async observeAt(name: string): Promise<void> {
    const node = this.broker.nodes.find((each) => each.name === name)
    await this.observer.close()
    this.observer = new Observer(this.vhost.url(node), this.recorder, this.#jitter?.of(`observer at ${name}`))
  }

  /** Starts a process with the exercise and the lesson's driver in it; `env`: variables that the lesson names. */
  student(env: Record<string, string> = {}): Promise<Student> {
    if (this.#config.program)
      throw new NotPlayed("This needs an exercise to import, which a program in another language doesn't have.")
    return this.#start('driver', env)
  }

  /** Runs the exercise as a program, with the variables that the lesson names; see clocks.ts for `fastClocks`. */
  program(env: Record<string, string>, { fastClocks = false } = {}): Promise<Student> {
    return this.#start('program', env, fastClocks)
  }

  /** Whether the clocks of a program can be made to run fast: not those of one in another language. */
  get hasFastClocks(): boolean {
    return !this.#config.program
  }

  /** A file that the exercise can start as processes, each of which does what the lab tells it; see lab/student/workers.ts. */
  async workers(plan: (nth: number) => unknown): Promise<Workers> {
    const { root } = this.#config
    const source = join(root, 'checks', this.#lesson, 'worker.ts')
    const { ports, writeFile } = this.#enclosure
    const workers = await openWorkers({ recorder: this.recorder, root, source, plan, ports, writeFile })
    return this.#keep(workers, this.#workers)
  }

  /** Says in the recording that the scenario came this far. */
  mark(name: string): RecordedEvent {
    return this.recorder.note({ kind: 'mark', name })
  }

  /** Waits until the student has exactly `count` connections open. @throws NeverCame */
  async openConnections(count: number): Promise<void> {
    const what = count === 0 ? 'every connection to be closed' : `all connections but ${count} to be closed`
    if (this.wire.openConnections() !== count) {
      await this.recorder.waitFor(what, () => this.wire.openConnections() === count, { limitMs: 4000 })
    }
  }

  /**
   * Lets time pass in which nothing should happen, more of it on a busy machine. Only for what no later event can show; `why` says what is looked for.
   * The recording then holds the mark `name`.
   */
  async quiet(name: string, ms: number): Promise<void> {
    await pass(ms)
    // What is quiet stays quiet.
    await this.#pause?.(ms / 2)
    this.mark(name)
  }

  /** Waits for a frame that only a living process can bring. @throws NeverCame, StudentGone */
  sees(method: FrameName, { service, ...options }: SeesOptions & { service: Student }): Promise<FrameEvent> {
    return whileRunning(service, (signal) => this.wire.sees(method, undefined, { ...options, signal }))
  }

  /** Waits for what only a living process with an open channel can bring; see arrival.ts. @throws NeverCame, StudentGone */
  arrival(what: string, isThere: () => boolean, options: ArrivalOptions): Promise<void> {
    return arrival(this, what, isThere, options)
  }

  /** Waits until `count` handlers of the process have begun. @throws NeverCame, StudentGone */
  begun(count: number, options: ArrivalOptions & { queue?: string }): Promise<void> {
    const what = count === 1 ? 'the handler to be called' : `the handler to be called for the ${nth(count)} time`
    const own = ({ student, queue }: Attempt) =>
      student === options.service.number && (options.queue === undefined || queue === options.queue)
    return this.arrival(what, () => tasks(this.recorder).attempts.filter(own).length >= count, options)
  }

  /** Sends a program a signal, and waits until it has ended; one that has not by then is killed. */
  async askToEnd(service: Student, signal: NodeJS.Signals, limitMs = MOMENTS_MS): Promise<void> {
    // Two answers: whatever was on its way to the process has been seen to.
    await service.ping()
    await service.ping()
    this.mark('asked to stop')
    service.mayEnd()
    service.signal(signal)
    try {
      await service.ends({ limitMs })
    } catch (error) {
      goOn(error)
      this.mark('did not stop')
      await service.kill()
    }
  }

  /** Ends a process as `kill -9` does, and waits until the broker has taken back what it held of these queues. */
  async kill(service: Student, ...queues: string[]): Promise<void> {
    await service.kill()
    await this.untilLeft(...queues)
  }

  /** The broker forgets a dead process's consumers and takes its tasks back in one go: waits until none is left. */
  async untilLeft(...queues: string[]): Promise<void> {
    const patience = new Patience(LEFT_LIMIT_MS)
    for (const queue of queues) {
      while ((await this.observer.queue(queue)).consumers > 0 && !patience.isOver) await sleep(10)
    }
  }

  /** As kill(), and notes what is in the queues then. */
  async killAndLook(service: Student, ...queues: string[]): Promise<void> {
    await this.kill(service, ...queues)
    for (const queue of queues) await this.observer.drain(queue)
    this.mark('looked into the queue')
  }

  /** A real restart of the broker, in turn with all other scenarios. Needs { restarts: true }. */
  async restartBroker(): Promise<void> {
    await this.observer.close()
    await this.#pause?.(MOST_LATE_MS)
    this.#wantsRestart()
    await this.#time.waiting(this.#turn.restart())
    this.recorder.note({ kind: 'broker', what: 'restarted', data: {} })
  }

  /**
   * The student's connections, as the broker lists them. It answers connection.open before it lists the connection:
   * those that the wire has seen opened are waited for.
   */
  async connections(): Promise<ConnectionSeen[]> {
    const patience = new Patience(LISTED_LIMIT_MS)
    for (;;) {
      const seen = await this.vhost.connections()
      const students = seen.filter((connection) => connection.name !== Observer.connectionName)
      const opened = connections(this.recorder).filter(({ openMs, end }) => openMs !== undefined && end === undefined)
      if (students.length >= opened.length || patience.isOver) return students
      await sleep(20)
    }
  }

  /** Has the broker close every connection of the student's by force. */
  async closeConnections(): Promise<number> {
    const students = await this.connections()
    await this.#pause?.(MOST_LATE_MS)
    this.recorder.note({
      kind: 'broker',
      what: 'closes-connections',
      data: { names: students.map(({ name }) => name ?? '') },
    })
    const closed = await Promise.all(students.map(({ id }) => this.vhost.closeConnection(id).then(() => true, isGone)))
    return closed.filter(Boolean).length
  }

  async #start(as: 'driver' | 'program', env: Record<string, string>, fastClocks = false): Promise<Student> {
    const number = this.#students.length + 1
    return startStudent({
      // As what was started ahead for it, or that is of no use.
      ...launchOf(this.#config, this.#lesson, as, { mayFork: this.#mayFork, fastClocks }),
      ...(Object.keys(env).length === 0 ? {} : { env }),
      recorder: this.recorder,
      number,
      jitter: this.#jitter?.of(`student ${number}`),
      pool: this.#pool,
      guard: (pid) => this.broker.guard(pid),
      unguard: (pid) => this.broker.unguard(pid),
      onStarted: (student) => void this.#keep(student, this.#students),
    })
  }

  /** Ends with the stage. What a scenario that was cut off has been opening meanwhile ends at once. */
  #keep<T extends AsyncDisposable>(one: T, among: T[]): T {
    if (this.#isOver) void one[Symbol.asyncDispose]()
    else among.push(one)
    return one
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.allSettled(this.#students.map((student) => student[Symbol.asyncDispose]()))
    // Only now: whoever keeps them up would start others.
    await Promise.allSettled(this.#workers.map((workers) => workers[Symbol.asyncDispose]()))
    await Promise.allSettled([
      this.observer.close(),
      ...[this.wire, ...this.#moreWires].map((wire) => wire[Symbol.asyncDispose]()),
    ])
    // Only now may somebody else restart the broker.
    await Promise.allSettled([this.vhost[Symbol.asyncDispose](), this.#turn[Symbol.asyncDispose]()])
  }
}

/** On a busy machine a connection with short heartbeats may have gone by itself: then it was not closed. */
function isGone(error: unknown): false {
  if (error instanceof LabError && error.code === 'connection-gone') return false
  throw error
}
