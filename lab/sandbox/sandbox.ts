import { LabError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { LINE, STDERR, STDOUT, TCP } from './agent/frames.mjs'
import { AgentLine } from './agent-line.ts'
import { AgentSocket } from './agent-socket.ts'
import { SandboxConnection } from './connection.ts'
import type { FoundSandbox, SandboxName } from './found.ts'
import type { FromAgent } from './heard.ts'
import { loadSandbox } from './kinds/kind.ts'
import { SandboxPorts } from './ports.ts'
import { SandboxProcess } from './process.ts'
import type { SandboxLimits, StartedSandbox } from './sandbox-kind.ts'
import { Staging, type StagingPlan } from './staging.ts'

const START_MS = 30_000
const END_MS = 5000
const LAST_WORDS = 2000

export interface SandboxOptions extends StagingPlan {
  found: FoundSandbox
  limits: SandboxLimits
  /** Told when everything in it was ended because it used too much memory. */
  onMemory?: () => void
}

/** What is started in a sandbox: Node, with these arguments. */
export interface Start {
  args: string[]
  cwd: string
  env: Record<string, string>
}

/**
 * A sandbox for one submission and lesson: its files, its agent, and what runs in it.
 *
 *   player: wires, observer, recording ◀── agent-line.ts ──▶ agent ──▶ the exercise's processes
 */
export class Sandbox implements AsyncDisposable {
  readonly ports: Ports
  readonly staging: Staging
  readonly #kind: SandboxName
  readonly #started: StartedSandbox
  readonly #line: AgentLine
  readonly #processes = new Map<number, SandboxProcess>()
  readonly #connections = new Map<number, SandboxConnection>()
  readonly #ports: SandboxPorts
  readonly #ready = Promise.withResolvers<void>()
  readonly #gone = Promise.withResolvers<void>()
  /** The agent's output has ended, and with the agent all that ran in there. */
  readonly #ended = Promise.withResolvers<void>()
  readonly #onMemory: () => void
  #lastWords = ''
  #processCount = 0
  #isOver = false

  /** Begins to start the agent. Its files can be put together and copied meanwhile. */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    const { found, limits } = options
    const kind = await loadSandbox(found.kind)
    const staging = new Staging(options)
    const { folder, agent } = staging
    const socket = kind.socketsAt === undefined ? undefined : await AgentSocket.open(folder, kind.socketsAt)
    const mounts = socket === undefined ? staging.mounts : [...staging.mounts, socket.mount]
    return new Sandbox(staging, socket, kind.start(found, { folder, mounts, agent, limits }), options)
  }

  private constructor(
    staging: Staging,
    socket: AgentSocket | undefined,
    started: StartedSandbox,
    { found, onMemory = () => {} }: SandboxOptions,
  ) {
    this.staging = staging
    this.#kind = found.kind
    this.#started = started
    this.#onMemory = onMemory
    const { stdin, stdout, stderr } = started.process
    if (stdin === null || stdout === null || stderr === null) throw new Error('the sandbox has no streams')
    stderr.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-LAST_WORDS)
    })
    stdout.once('end', () => this.#ended.resolve())
    this.#line = new AgentLine(stdin, stdout, {
      said: (message) => this.#said(message),
      bytes: (kind, number, bytes) => this.#bytes(kind, number, bytes),
      broken: () => this.#kill(),
    })
    this.#line.say({ do: 'begin', socket: socket?.path })
    void socket?.called.then((caller) => this.#line.goOnWith(caller))
    void this.#gone.promise.then(() => socket?.close())
    this.#ports = new SandboxPorts(this.#line)
    this.ports = this.#ports
    if (started.removesFolder && started.process.pid !== undefined) staging.leaveTo(started.process.pid)
    started.process.on('error', (error) => {
      this.#lastWords ||= error.message
      this.#over()
    })
    started.process.on('close', () => this.#over())
  }

  /** The process outside that stands for all of it. */
  get pid(): number | undefined {
    return this.#started.process.pid
  }

  start({ args, cwd, env }: Start): SandboxProcess {
    const id = ++this.#processCount
    const process = new SandboxProcess(id, this.#line)
    this.#processes.set(id, process)
    this.#line.say({ do: 'spawn', id, args, cwd, env })
    if (this.#isOver) setImmediate(() => this.#end(id))
    return process
  }

  /**
   * Resolves when processes can be started in it, and can read these files of the lab's.
   *
   * @throws LabError 'sandbox-failed'
   */
  async ready(files: Promise<string[]>): Promise<void> {
    this.staging.fill(await files)
    const failed = (why: string) =>
      new LabError('sandbox-failed', `The sandbox (${this.#kind}) did not start: ${why}`, {
        advice: 'npm run doctor says which sandboxes can be used here.',
      })
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(failed(`it said nothing for ${START_MS / 1000} s.`)), START_MS)
    const died = this.#gone.promise.then(() => {
      throw failed(this.#lastWords.trim() || 'it ended immediately.')
    })
    try {
      await Promise.race([this.#ready.promise, late.promise, died])
    } finally {
      died.catch(() => {})
      clearTimeout(timer)
    }
  }

  /** What is done with each message. */
  readonly #does: { [Say in FromAgent['say']]: (message: Extract<FromAgent, { say: Say }>) => void } = {
    ready: () => this.#ready.resolve(),
    memory: () => this.#onMemory(),
    spawned: ({ id, pid }) => this.#processes.get(id)?.spawned(pid),
    error: ({ id, message }) => this.#processes.get(id)?.failed(message),
    exit: ({ id, code, signal }) => this.#processes.get(id)?.exited(code, signal),
    closed: ({ id }) => this.#end(id),
    listening: (message) => this.#ports.said(message),
    'not-listening': (message) => this.#ports.said(message),
    'port-closed': (message) => this.#ports.said(message),
    opened: ({ stream, port, remotePort }) => this.#opened(stream, port, remotePort),
    ended: ({ stream }) => this.#connections.get(stream)?.ended(),
    reset: ({ stream, code }) => this.#connections.get(stream)?.gone(code),
    gone: ({ stream }) => {
      this.#connections.get(stream)?.gone()
      this.#connections.delete(stream)
    },
    took: ({ stream, bytes }) => this.#connections.get(stream)?.took(bytes),
  }

  #said<Say extends FromAgent['say']>(message: Extract<FromAgent, { say: Say }>): void {
    this.#does[message.say as Say](message)
  }

  #opened(stream: number, port: number, remotePort: number): void {
    if (this.#connections.has(stream)) return
    const connection = new SandboxConnection(this.#line, stream, remotePort)
    this.#connections.set(stream, connection)
    // Whoever reads it hears of what goes wrong, too; where nobody does, it must not end the lab.
    connection.on('error', () => {})
    this.#ports.accept(port, connection)
  }

  #bytes(kind: number, number: number, bytes: Buffer): void {
    if (kind === STDOUT || kind === STDERR || kind === LINE) this.#processes.get(number)?.comes(kind, bytes)
    if (kind === TCP) this.#connections.get(number)?.comes(bytes)
  }

  #end(id: number): void {
    const process = this.#processes.get(id)
    this.#processes.delete(id)
    process?.exited(null, 'SIGKILL')
    process?.closed()
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const id of [...this.#processes.keys()]) this.#end(id)
    for (const connection of this.#connections.values()) connection.gone('ECONNRESET')
    this.#connections.clear()
    this.#ports.over()
    this.#gone.resolve()
  }

  #kill(): void {
    const { pid } = this.#started.process
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }

  /** Resolves when nothing runs in it any more. What puts its own folder away does that without us. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#line.end()
    const timer = setTimeout(() => this.#kill(), END_MS)
    const removed = this.#gone.promise.then(async () => {
      clearTimeout(timer)
      await this.#started.remove()
      this.staging.remove()
    })
    if (!this.#started.removesFolder) return removed
    removed.catch(() => {})
    await Promise.race([this.#ended.promise, removed])
  }
}
