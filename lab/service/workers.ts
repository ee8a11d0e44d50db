import type { RecordedEvent } from '../recording/recording.ts'
import { InHand } from './in-hand.ts'

/** A worker as the wire sees it: a connection that takes tasks. */
export interface Worker {
  /** Counts the connections of the run. */
  connection: number
  /** The name that it gave its connection. */
  name?: string
  inHand: number
  /** How many tasks it has acknowledged. */
  done: number
  /** What came last. */
  task?: string
}

interface Seen extends Omit<Worker, 'inHand'> {
  consumes: boolean
  tags: InHand
}

/**
 * The workers of a cluster, by their connections: each that has a consumer is one, for as long as it lives. It needs
 * nothing of the student's code, and believes nothing that it says.
 */
export class Workers {
  readonly #seen = new Map<number, Seen>()

  get all(): Worker[] {
    return [...this.#seen.values()].flatMap(({ consumes, tags, ...worker }) =>
      consumes ? [{ ...worker, inHand: tags.count }] : [],
    )
  }

  take(event: RecordedEvent): void {
    if (event.kind !== 'frame' && event.kind !== 'tcp') return
    const { connection } = event
    if (event.kind === 'tcp') {
      if (event.what === 'accepted') {
        this.#seen.set(connection, { connection, consumes: false, done: 0, tags: new InHand() })
      } else this.#seen.delete(connection)
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
}
