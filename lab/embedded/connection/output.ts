import type { Socket } from 'node:net'
import { Writer } from '../../amqp/bytes.ts'

/** A client that has this much unread is given no more deliveries until it has read. */
const HIGH_BYTES = 512 * 1024
/** Frames go to the socket in one piece at the end of a turn of the event loop, or when they are this many. */
const FLUSH_BYTES = 128 * 1024
/** A writer that one large message made this large is let go. */
const KEPT_BYTES = 1024 * 1024

/** What goes out to a client: frames are gathered and written at once. */
export class Output {
  readonly writer: Writer = new Writer()
  readonly #socket: Socket
  readonly #before: { flush(): void }[] = []
  #scheduled = false
  #ended = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** The client does not read as fast as we write. Whoever asked is told by the socket's 'drain'. */
  get isCongested(): boolean {
    return this.#socket.writableLength + this.writer.length > HIGH_BYTES
  }

  /** To be called when something was written. */
  wrote(): void {
    if (this.writer.length > FLUSH_BYTES) this.flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      process.nextTick(this.#flushLater, this)
    }
  }

  /** Calls it when frames are about to go to the socket: it may write more of them. */
  beforeFlush(each: { flush(): void }): void {
    this.#before.push(each)
    this.wrote()
  }

  readonly #flushLater = (): void => {
    this.#scheduled = false
    this.flush()
  }

  flush(): void {
    const { writer } = this
    for (let each = this.#before.pop(); each !== undefined; each = this.#before.pop()) each.flush()
    if (writer.length === 0) return
    if (this.#ended || this.#socket.destroyed) writer.length = 0
    else this.#socket.write(writer.flush())
    if (writer.bytes.length > KEPT_BYTES) writer.bytes = Buffer.allocUnsafe(FLUSH_BYTES)
  }

  /** Everything that was written goes out, and then nothing more. */
  end(): void {
    this.flush()
    this.#ended = true
    this.#socket.end()
  }
}
