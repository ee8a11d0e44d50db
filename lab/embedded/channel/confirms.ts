/** What confirms need of their channel. */
interface Sender {
  /** Writes a frame at once, whatever else waits. */
  write(name: 'basic.ack' | 'basic.nack', args: { deliveryTag: number; multiple: boolean }): void
  /** Calls `flush` before anything goes to the client. */
  beforeFlush(confirms: Confirms): void
}

/**
 * Confirms to a publisher. Those of one turn of the event loop become one basic.ack of several; but they never come
 * after what was sent on the channel later, such as the delivery of the message that they confirm.
 */
export class Confirms {
  readonly #sender: Sender
  #published = 0
  #confirmed = 0
  #sent = 0

  constructor(sender: Sender) {
    this.#sender = sender
  }

  /** A message was published: it has the next number. */
  published(): void {
    this.#published++
  }

  /** The one that was published last is taken care of. */
  confirm(): void {
    if (this.#confirmed === this.#sent) this.#sender.beforeFlush(this)
    this.#confirmed = this.#published
  }

  /** The one that was published last was refused. */
  refuse(): void {
    this.flush()
    this.#sender.write('basic.nack', { deliveryTag: this.#published, multiple: false })
    this.#confirmed = this.#published
    this.#sent = this.#published
  }

  flush(): void {
    const count = this.#confirmed - this.#sent
    if (count === 0) return
    this.#sent = this.#confirmed
    this.#sender.write('basic.ack', { deliveryTag: this.#confirmed, multiple: count > 1 })
  }
}
