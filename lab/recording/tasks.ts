import { frame } from './ask.ts'
import { type Delivery, type DeliveryTag, deliveries } from './deliveries.ts'
import { type Events, once } from './once.ts'
import { inOrder, isBefore } from './order.ts'
import { type Published, published } from './published.ts'
import type { FrameEvent, RecordedEvent, ToldEvent } from './recording.ts'
import { type Settlement, settlements } from './settlements.ts'
import type { Told } from './words/told.ts'

/*
 * One view of what became of the tasks of a recording: what the wire saw (deliveries, settlements, copies), joined with what
 * the handlers and the lab did.
 *
 *   delivery ──▶ attempt (a handler begins) ──▶ finish (the lab lets it end) ──▶ settlement, copy
 */

/** A handler began to work. */
export type Attempt = Told['began'] & { student: number; event: ToldEvent<'began'> }

/** The lab let handlers end, all in one go. */
export interface Finish {
  student: number
  calls: number[]
  tasks: string[]
  how: 'resolve' | 'reject'
  event: RecordedEvent
}

/** An ack that settled something, with the delivery whose tag it has, and what it covers besides. */
export interface Ack {
  settlement: Settlement
  own: Delivery | undefined
  also: Delivery[]
}

/** The joined view of a recording; computed once, and again when more has been recorded. */
export const tasks = once((recording) => new Tasks(recording))

export class Tasks {
  readonly recording: Events
  #attempts: Attempt[] | undefined
  #finishes: Finish[] | undefined
  #covered: Map<Settlement, Delivery[]> | undefined
  #acks: Ack[] | undefined

  constructor(recording: Events) {
    this.recording = recording
  }

  get deliveries(): Delivery[] {
    return deliveries(this.recording)
  }

  get settlements(): Settlement[] {
    return settlements(this.recording)
  }

  /** What the service published. */
  get published(): Published[] {
    return published(this.recording)
  }

  /** The handlers that began, in order. */
  get attempts(): Attempt[] {
    this.#attempts ??= this.recording.events.flatMap((event) =>
      event.kind === 'told' && event.name === 'began' ? [{ ...event.data, student: event.student, event }] : [],
    )
    return this.#attempts
  }

  get finishes(): Finish[] {
    this.#finishes ??= this.recording.events.flatMap((event) =>
      event.kind === 'asked' && event.name === 'finish' ? [{ ...event.data, student: event.student, event }] : [],
    )
    return this.#finishes
  }

  /** Every ack that settled something. */
  get acks(): Ack[] {
    this.#acks ??= this.settlements
      .filter(({ kind, tags }) => kind === 'ack' && tags.length > 0)
      .map((settlement) => {
        const covered = this.covered(settlement)
        const own = covered.find(({ deliveryTag }) => deliveryTag === settlement.deliveryTag)
        return { settlement, own, also: covered.filter((each) => each !== own) }
      })
    return this.#acks
  }

  /** The deliveries that a settlement settled. A tag is used again when its channel is opened anew: the last one counts. */
  covered(settlement: Settlement): Delivery[] {
    this.#covered ??= this.#join()
    return this.#covered.get(settlement) ?? []
  }

  #join(): Map<Settlement, Delivery[]> {
    const at = (place: { connection: number; channel: number }, tag: DeliveryTag) =>
      `${place.connection}/${place.channel}/${tag}`
    const delivered = Map.groupBy(this.deliveries, (delivery) => at(delivery, delivery.deliveryTag))
    const last = (settlement: Settlement, tag: DeliveryTag) =>
      delivered.get(at(settlement, tag))?.findLast(({ ms }) => ms <= settlement.ms) ?? []
    return new Map(
      this.settlements.map((settlement) => [settlement, settlement.tags.flatMap((tag) => last(settlement, tag))]),
    )
  }

  /** The task with this text. */
  named(text: string): Task {
    return new Task(this, {
      delivery: ({ body }) => body === text,
      attempt: ({ task }) => task === text,
      copy: ({ body }) => body === text,
    })
  }

  /** The task whose message has this ID. A handler that was called with no known ID is known by its text. */
  withId(id: string | undefined, text: string): Task {
    const known = new Set(this.deliveries.map(({ properties }) => properties.messageId))
    return new Task(this, {
      delivery: ({ properties }) => properties.messageId === id,
      attempt: (one) => (known.has(one.id) ? one.id === id : one.task === text),
      copy: ({ properties }) => properties.messageId === id,
    })
  }

  /** The events of this type: their routing key. */
  ofType(type: string): Task {
    return new Task(this, {
      delivery: ({ frame }) => frame.fields.routingKey === type,
      attempt: ({ task }) => task === type,
      copy: ({ routingKey }) => routingKey === type,
    })
  }

  /** The lab's word that a handler may succeed, or its own success; it can't have succeeded before. */
  success({ student, call, action, event }: Attempt): RecordedEvent | undefined {
    if (action !== 'hold') return action === 'resolve' ? event : undefined
    return this.finishes.find((one) => one.student === student && one.calls.includes(call) && one.how === 'resolve')
      ?.event
  }

  /** Handlers that have begun and that the lab has not told to end, of one process or of all; by then, if not by now. */
  unfinished(student?: number, then?: RecordedEvent): Attempt[] {
    const isBy = (event: RecordedEvent) => then === undefined || isBefore(this.recording, event, then)
    const told = new Set(
      this.finishes
        .filter(({ event }) => isBy(event))
        .flatMap((finish) => finish.calls.map((call) => `${finish.student}/${call}`)),
    )
    return this.attempts.filter(
      (one) =>
        (student === undefined || one.student === student) &&
        one.action === 'hold' &&
        isBy(one.event) &&
        !told.has(`${one.student}/${one.call}`),
    )
  }

  /** A handler was called with something that is no task: acks and handlers can't be told to belong together then. */
  get namesTasksOtherwise(): boolean {
    const delivered = new Set(this.deliveries.map(({ body }) => body))
    return this.attempts.some(({ task }) => !delivered.has(task))
  }

  /** An ack with its task's own tag before the lab had let a handler of it succeed, where the handler waits for that. */
  get earlyAck(): { settlement: Settlement; delivery: Delivery; began: RecordedEvent | undefined } | undefined {
    for (const { settlement, own } of this.acks) {
      if (!own || this.named(own.body).succeededBefore(settlement.frame)) continue
      const [work] = this.named(own.body).attempts
      if (work ? work.action !== 'hold' : this.namesTasksOtherwise) continue
      return { settlement, delivery: own, began: work?.event }
    }
    return undefined
  }

  /** An ack that covers, besides its own, a delivery whose handler still works. */
  get ackOfOthers(): (Ack & { working: Delivery }) | undefined {
    for (const ack of this.acks) {
      const working = ack.also.find(({ body }) => !this.named(body).succeededBefore(ack.settlement.frame))
      if (working) return { ...ack, working }
    }
    return undefined
  }

  /** A nack that gives back, besides its own, a delivery whose handler still works. */
  get nackOfOthers(): { settlement: Settlement; own: Delivery | undefined; working: Delivery } | undefined {
    for (const settlement of this.settlements.filter(({ kind, multiple }) => kind !== 'ack' && multiple)) {
      const covered = this.covered(settlement)
      const isAtWork = ({ body }: Delivery) =>
        this.unfinished(undefined, settlement.frame).some(({ task }) => task === body)
      const working = covered.find(isAtWork)
      if (working) return { settlement, own: covered.find((each) => each !== working), working }
    }
    return undefined
  }

  /** A tag that was settled before is acknowledged again: both. */
  get secondAck(): [Settlement, Settlement] | undefined {
    for (const again of this.settlements.filter(({ kind, tags }) => kind === 'ack' && tags.length === 0)) {
      const first = this.settlements.find(
        ({ connection, channel, tags, ms }) =>
          connection === again.connection &&
          channel === again.channel &&
          tags.includes(again.deliveryTag) &&
          ms <= again.ms,
      )
      if (first) return [first, again]
    }
    return undefined
  }

  /** The broker was told to expect no acks. */
  get isWithoutAcks(): boolean {
    return this.deliveries.some(({ noAck }) => noAck)
  }

  /** The first consumer, where it asks for no acks: the broker counts a task as done when it is sent. */
  get noAckConsume(): FrameEvent | undefined {
    const consume = frame(this.recording, 'basic.consume')
    return consume?.fields.noAck === true ? consume : undefined
  }
}

interface Select {
  delivery: (delivery: Delivery) => boolean
  attempt: (attempt: Attempt) => boolean
  copy: (copy: Published) => boolean
}

/** All that became of one task. */
export class Task {
  readonly #all: Tasks
  readonly #select: Select

  constructor(all: Tasks, select: Select) {
    this.#all = all
    this.#select = select
  }

  get deliveries(): Delivery[] {
    return this.#all.deliveries.filter(this.#select.delivery)
  }

  /** The first delivery. */
  get delivery(): Delivery | undefined {
    return this.#all.deliveries.find(this.#select.delivery)
  }

  get attempts(): Attempt[] {
    return this.#all.attempts.filter(this.#select.attempt)
  }

  /** What its deliveries were answered with, each in its own frame or in one for several. */
  get settlements(): Settlement[] {
    return this.#all.settlements.filter((settlement) => this.#all.covered(settlement).some(this.#select.delivery))
  }

  get acks(): Ack[] {
    return this.#all.acks.filter(({ own, also }) => [own, ...also].some((each) => each && this.#select.delivery(each)))
  }

  get isAcked(): boolean {
    return this.acks.length > 0
  }

  /** What the service published with the same text, ID or type. */
  get copies(): Published[] {
    return this.#all.published.filter(this.#select.copy)
  }

  /** Its attempts that the lab let succeed, or that succeed by themselves. */
  get successes(): Attempt[] {
    return this.attempts.filter((attempt) => this.#all.success(attempt) !== undefined)
  }

  get isDone(): boolean {
    return this.successes.length > 0
  }

  /** When the work on it was done first. */
  get done(): RecordedEvent | undefined {
    return inOrder(
      this.#all.recording,
      this.attempts.map((attempt) => this.#all.success(attempt)),
    )[0]
  }

  /** The lab had let a handler of it succeed by then: it can't have done so before. */
  succeededBefore(event: RecordedEvent): boolean {
    return this.attempts.some((attempt) => {
      const success = attempt.action === 'hold' ? this.#all.success(attempt) : undefined
      return success !== undefined && isBefore(this.#all.recording, success, event)
    })
  }
}
