import type { Socket } from 'node:net'
import { HEARTBEAT } from '../../amqp/frames.ts'
import type { Output } from './output.ts'

/** After so many checks in a row that find nothing new, the client is gone. */
const MISSED = 2

type Counts = Pick<Socket, 'bytesRead' | 'bytesWritten' | 'isPaused' | 'writableLength'>
type Sink = Pick<Output, 'writer' | 'isCongested' | 'flush'>

/**
 * Heartbeats both ways (section 4.2.7 of the specification), with RabbitMQ's timing. One is sent after each half
 * interval in which nothing else was, and after the first in any case. Once an interval it checks whether anything came;
 * the second check in a row that finds nothing ends the connection, two to three intervals after the last byte.
 *
 * While the broker doesn't read because the client doesn't, the client is alive as long as it takes what it was sent.
 */
export class Heartbeat {
  readonly #socket: Counts
  readonly #output: Sink
  readonly #gone: () => void
  readonly #timers: NodeJS.Timeout[]
  /** What the socket had counted at the last beat, or the last check. */
  #sent: number | undefined
  #received = 0
  #untaken = 0
  #missed = 0

  /**
   * @param seconds the negotiated interval; 0: none
   * @param gone is told when the client has been silent for too long
   */
  constructor(seconds: number, socket: Counts, output: Sink, gone: () => void) {
    this.#socket = socket
    this.#output = output
    this.#gone = gone
    const every = (ms: number, work: () => void) => setInterval(work, ms).unref()
    this.#timers = seconds === 0 ? [] : [every(seconds * 500, this.#beat), every(seconds * 1000, this.#check)]
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  readonly #beat = (): void => {
    const isQuiet = this.#sent === undefined || this.#sent === this.#socket.bytesWritten
    if (isQuiet && !this.#output.isCongested) {
      this.#output.writer.raw(HEARTBEAT)
      this.#output.flush()
    }
    this.#sent = this.#socket.bytesWritten
  }

  readonly #check = (): void => {
    const { bytesRead, writableLength } = this.#socket
    const isTaking = this.#socket.isPaused() && (!this.#output.isCongested || writableLength < this.#untaken)
    this.#missed = bytesRead !== this.#received || isTaking ? 0 : this.#missed + 1
    this.#received = bytesRead
    this.#untaken = writableLength
    if (this.#missed === MISSED) this.#gone()
  }
}
