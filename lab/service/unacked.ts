import type { FrameEvent, RecordedEvent } from '../recording/recording.ts'

/**
 * How many tasks the service has in hand: delivered and not yet answered. A run may last for hours, so it is counted
 * as the frames pass by, and none of them is kept.
 */
export class Unacked {
  /** The delivery tags that are open, by channel. */
  readonly #open = new Map<string, Set<number>>()
  /** By channel: for each basic.consume that is not answered yet whether it asks for no acknowledgement, in order. */
  readonly #asked = new Map<string, boolean[]>()
  /** The consumers to which nothing stays in hand: what is sent to them is out of the queue at once. */
  readonly #noAck = new Set<string>()

  get count(): number {
    let count = 0
    for (const tags of this.#open.values()) count += tags.size
    return count
  }

  /** @returns whether the count may have changed */
  take(event: RecordedEvent): boolean {
    if (event.kind === 'tcp' && event.what !== 'accepted') return this.#forget(`${event.connection}/`)
    if (event.kind !== 'frame') return false
    const place = `${event.connection}/${event.channel}/`
    switch (event.method) {
      case 'basic.consume':
        this.#asked.set(place, [...(this.#asked.get(place) ?? []), event.fields.noAck === true])
        return false
      case 'basic.consume-ok':
        if (this.#asked.get(place)?.shift()) this.#noAck.add(`${place}${event.fields.consumerTag}`)
        return false
      case 'basic.deliver':
        return !this.#noAck.has(`${place}${event.fields.consumerTag}`) && this.#deliver(place, event)
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        return event.from === 'student' && this.#answer(place, event)
      case 'channel.open':
      case 'channel.close':
      case 'basic.recover':
        return this.#forget(place)
      case 'connection.close':
        return this.#forget(`${event.connection}/`)
      default:
        return false
    }
  }

  #deliver(place: string, { fields }: FrameEvent): true {
    const tags = this.#open.get(place) ?? new Set()
    this.#open.set(place, tags.add(Number(fields.deliveryTag)))
    return true
  }

  #answer(place: string, { fields }: FrameEvent): true {
    const tags = this.#open.get(place)
    const tag = Number(fields.deliveryTag)
    if (fields.multiple !== true) tags?.delete(tag)
    else for (const each of tags ?? []) if (tag === 0 || each <= tag) tags?.delete(each)
    return true
  }

  /** The broker has taken back what was open there. */
  #forget(place: string): true {
    for (const open of this.#open.keys()) if (open.startsWith(place)) this.#open.delete(open)
    for (const consumer of this.#noAck) if (consumer.startsWith(place)) this.#noAck.delete(consumer)
    for (const asked of this.#asked.keys()) if (asked.startsWith(place)) this.#asked.delete(asked)
    return true
  }
}
