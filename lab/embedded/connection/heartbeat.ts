import type { Socket } from 'node:net'
import { HEARTBEAT } from '../../amqp/frames.ts'
import type { Output } from './output.ts'

const MISSED = 2

/**
 * Heartbeats both ways: section 4.2.7 of the specification. Half an interval without a frame of ours, and one is sent;
 * two intervals without a byte of the client's, and it counts as gone. While we don't read, as it does not either,
 * it is heard as long as it takes what we wrote.
 */
export class Heartbeat {
  /** The owner sets it whenever bytes came. */
  heard = true
  readonly #timer: NodeJS.Timeout | undefined
  #silentHalves = 0
  #sent: number
  #unsent = 0

  /** @param seconds 0: none */
  constructor(seconds: number, socket: Socket, output: Output, gone: () => void) {
    this.#sent = socket.bytesWritten
    if (seconds === 0) return
    const tick = () => {
      const takes = socket.isPaused() && (!output.isCongested || socket.writableLength < this.#unsent)
      this.#silentHalves = this.heard || takes ? 0 : this.#silentHalves + 1
      this.heard = false
      this.#unsent = socket.writableLength
      if (this.#silentHalves >= MISSED * 2) return gone()
      if (socket.bytesWritten === this.#sent && !output.isCongested) {
        output.writer.raw(HEARTBEAT)
        output.flush()
      }
      this.#sent = socket.bytesWritten
    }
    this.#timer = setInterval(tick, (seconds * 1000) / 2).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
