import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import type { Listening, Peer, Ports } from '../ports.ts'
import type { Recorder } from '../recording/recorder.ts'
import { workersFolder } from './workers-folder.ts'

/**
 * Processes that an exercise starts, running a file of the lab's. The exercise gets the file's path and nothing else, so
 * the file itself knows where to call: whatever environment a process was started with, it reports, and does as it is told.
 *
 *   exercise ── starts ──▶ process ◀── plan, orders ── Workers ──▶ recorder: 'worker-…' events
 *                             └────── what it does ──────▲
 *
 * A process ends itself when its line to the lab ends: none outlives the scenario, also where the lab is killed.
 */
export interface WorkersOptions {
  recorder: Recorder
  /** The lab's root folder. */
  root: string
  /** A module that exports `work(port)`. */
  source: string
  /** What the `nth` process, counted from 1, is told when it reports. */
  plan: (nth: number) => unknown
  /** Where the lab listens for them. */
  ports: Ports
  /** Puts the file where the exercise can read it. */
  writeFile?: (path: string, text: string) => Promise<void>
}

export interface WorkerSeen {
  nth: number
  pid: number
  /** Its line to the lab is open. */
  alive: boolean
}

const FromWorker = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-z-]{1,40}$/)),
  data: v.record(v.string(), v.unknown()),
})
const Pid = v.pipe(v.number(), v.integer(), v.minValue(2))

const KEEP_MS = 24 * 3600_000

export async function openWorkers(options: WorkersOptions): Promise<Workers> {
  const folder = join(workersFolder(options.root), randomUUID())
  await sweep(workersFolder(options.root))
  const workers = new Workers(options, folder)
  const port = await workers.listen()
  const source = stripTypeScriptTypes(await fs.readFile(options.source, 'utf8'))
  const { writeFile = writeWorkerFile } = options
  await writeFile(workers.file, `${source}\nawait work(${port})\n`)
  return workers
}

/** On this machine, that is where it says. */
export async function writeWorkerFile(path: string, text: string): Promise<void> {
  await fs.mkdir(dirname(path), { recursive: true })
  await fs.writeFile(path, text)
}

export class Workers implements AsyncDisposable {
  /** The path that the exercise is given. */
  readonly file: string
  readonly #options: WorkersOptions
  readonly #folder: string
  #server: Listening | undefined
  readonly #seen: (WorkerSeen & { socket: Peer })[] = []
  readonly #sockets = new Set<Peer>()

  #port = 0

  /** Use openWorkers(). */
  constructor(options: WorkersOptions, folder: string) {
    this.#options = options
    this.#folder = folder
    this.file = join(folder, 'worker.mjs')
  }

  async listen(): Promise<number> {
    const { server, port } = await this.#options.ports.listen((socket) => this.#accept(socket))
    this.#server = server
    this.#port = port
    return port
  }

  /** All that have reported, in the order in which they did. */
  seen(): WorkerSeen[] {
    return this.#seen.map(({ nth, pid, alive }) => ({ nth, pid, alive }))
  }

  alive(): WorkerSeen[] {
    return this.seen().filter(({ alive }) => alive)
  }

  /** Gives an order to one of them. */
  tell(nth: number, name: 'ready' | 'finish' | 'die'): void {
    this.#options.recorder.note({ kind: 'asked', student: 1, name: `worker-${name}`, data: { nth } })
    this.#seen.find((worker) => worker.nth === nth)?.socket.write(`${JSON.stringify({ name })}\n`)
  }

  #accept(socket: Peer): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    // A port leaves it to whoever listens to answer a FIN.
    socket.on('end', () => socket.end())
    socket.on('close', () => this.#sockets.delete(socket))
    let worker: (WorkerSeen & { socket: Peer }) | undefined
    const lines = createInterface({ input: socket })
    // When the line breaks off, that is an error of its reader too.
    lines.on('error', () => {})
    lines.on('line', (line) => {
      const said = v.safeParse(FromWorker, parsed(line))
      if (!said.success) return
      const { name, data } = said.output
      if (name === 'started') {
        const pid = v.safeParse(Pid, data.pid)
        if (worker || !pid.success) return
        worker = { nth: this.#seen.length + 1, pid: pid.output, alive: true, socket }
        this.#seen.push(worker)
        socket.write(`${JSON.stringify({ name: 'plan', plan: this.#options.plan(worker.nth) })}\n`)
      }
      if (worker) this.#note(name, { nth: worker.nth, ...data })
    })
    socket.on('close', () => {
      if (!worker) return
      worker.alive = false
      this.#note('gone', { nth: worker.nth, pid: worker.pid })
    })
  }

  #note(name: string, data: Record<string, unknown>): void {
    this.#options.recorder.noteTold(1, `worker-${name}`, data)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#server) this.#server.close(resolve)
      else resolve()
    })
    for (const socket of this.#sockets) socket.destroy()
    await closed
    this.#options.ports.giveBack(this.#port)
    await fs.rm(this.#folder, { recursive: true, force: true })
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** What a lab that was killed has left. */
async function sweep(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const { mtimeMs } = (await fs.stat(path).catch(() => undefined)) ?? { mtimeMs: Date.now() }
    if (Date.now() - mtimeMs > KEEP_MS) await fs.rm(path, { recursive: true, force: true })
  }
}
