import type { RecordedEvent, ToldEvent } from '../recording/recording.ts'
import { Unacked } from './unacked.ts'

/** A worker as the wire sees it: a connection that takes tasks. Or a process of a cluster, which may have none yet. */
export interface Worker {
  /** For a process: the nth, and how far it is. */
  nth?: number
  state?: 'starting' | 'ready' | 'stopping'
  /** Counts the connections of the run. */
  connection: number
  /** The name that it gave its connection. */
  name?: string
  unacked: number
  /** How many tasks it has acknowledged. */
  done: number
  /** What came last. */
  task?: string
}

interface Seen extends Omit<Worker, 'unacked'> {
  consumes: boolean
  tags: Unacked
}

interface Process {
  nth: number
  state: Worker['state']
  /** What it has done on connections that have ended. */
  doneBefore: number
}

/** What the lab's own worker file tells about a process that runs it. */
const STATES: Record<string, Worker['state']> = {
  'worker-started': 'starting',
  'worker-ready': 'ready',
  'worker-lost': 'starting',
  'worker-asked': 'stopping',
}

/**
 * The workers of a cluster, by their connections: each that has a consumer is one, for as long as it lives. Where they
 * are processes that run the lab's own file, each process is one, from its start to its end. It needs nothing of the
 * student's code, and believes nothing that it says.
 */
export class Workers {
  readonly #seen = new Map<number, Seen>()
  /** By name, as the worker gives it to its connection. */
  readonly #processes = new Map<string, Process>()

  get all(): Worker[] {
    if (this.#processes.size > 0) return [...this.#processes].map(([name, process]) => this.#process(name, process))
    return [...this.#seen.values()].flatMap(({ consumes, tags, ...worker }) =>
      consumes ? [{ ...worker, unacked: tags.count }] : [],
    )
  }

  #process(name: string, { nth, state, doneBefore }: Process): Worker {
    const seen = [...this.#seen.values()].find((each) => each.name === name)
    const { connection = 0, done = 0, tags, task } = seen ?? {}
    return {
      connection,
      name,
      nth,
      ...(state && { state }),
      unacked: tags?.count ?? 0,
      done: doneBefore + done,
      ...(task !== undefined && { task }),
    }
  }

  #told({ name, data }: ToldEvent): void {
    const nth = Number(Object(data).nth)
    const key = `worker ${nth}`
    if (name === 'worker-gone') this.#processes.delete(key)
    if (STATES[name] === undefined) return
    this.#processes.set(key, { doneBefore: 0, ...this.#processes.get(key), nth, state: STATES[name] })
  }

  take(event: RecordedEvent): void {
    if (event.kind === 'told') this.#told(event)
    if (event.kind !== 'frame' && event.kind !== 'tcp') return
    const { connection } = event
    if (event.kind === 'tcp') {
      if (event.what === 'accepted') {
        this.#seen.set(connection, { connection, consumes: false, done: 0, tags: new Unacked() })
      } else this.#end(connection)
      return
    }
    const worker = this.#seen.get(connection)
    if (!worker) return
    const before = worker.tags.count
    worker.tags.take(event)
    if (event.method === 'connection.start-ok') {
      const { connection_name: name } = Object(event.fields.clientProperties)
      if (typeof name === 'string') worker.name = name
    } else if (event.method === 'basic.consume-ok') worker.consumes = true
    else if (event.method === 'basic.ack' && event.from === 'student') worker.done += before - worker.tags.count
    else if (event.method === 'basic.deliver') worker.task = ''
    else if (event.method === 'body' && event.from === 'broker') worker.task += String(event.fields.text ?? '')
  }

  #end(connection: number): void {
    const { name = '', done = 0 } = this.#seen.get(connection) ?? {}
    const process = this.#processes.get(name)
    // What it has done counts for the process, whichever connection it was done on.
    if (process) process.doneBefore += done
    this.#seen.delete(connection)
  }
}
