import type { Table } from '../../amqp/table.ts'
import type { DeathReason } from '../message/death.ts'
import type { Message } from '../message/message.ts'
import { Alarm } from './alarm.ts'
import { type Consumer, Consumers } from './consumers.ts'
import { Entry } from './entry.ts'
import { expiryOf, isOverfull } from './limits.ts'
import { type Order, Ready } from './ready.ts'
import type { QueueSettings } from './settings.ts'

export interface QueueOptions {
  name: string
  durable: boolean
  autoDelete: boolean
  /** The connection that alone may use it, and with which it ends. */
  owner: object | undefined
  arguments: Table
  settings: QueueSettings
}

/** What a queue asks of its virtual host. */
export interface Surroundings {
  /** A message died here. */
  buried(queue: Queue, message: Message, reason: DeathReason, failures: number): void
  /** It is to be deleted: its last consumer has gone, or nobody has used it for too long. */
  unused(queue: Queue): void
  /** How many bytes of messages are kept has changed. */
  kept(bytes: number): void
}

/** Why a message comes back: a nack or basic.recover, or a consumer that failed with it. */
export type Return = 'given-back' | 'failed'

const QUORUM_ORDER: Order = { highestPriority: 31, usualPriority: 4, returns: 'first' }

/**
 * A queue, classic or quorum: messages that wait, consumers that take them, and how many are out with them.
 *
 * Whoever puts something in or takes something away calls `pump` afterwards, when all else that the same frame brings
 * about is done: a confirm goes out before the delivery of what it confirms.
 */
export class Queue {
  readonly name: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly owner: object | undefined
  readonly arguments: Table
  readonly settings: QueueSettings
  readonly consumers: Consumers
  readonly #surroundings: Surroundings
  readonly #order: Order
  #ready: Ready
  #unacknowledged = 0
  #places = 0
  /** It is handed over with the next pump, whatever its time to live and the limits of the queue. */
  #passing: Entry | undefined
  /** Who gets no more, but has deliveries that are not settled: a quorum queue counts those still. */
  readonly #lingering = new Set<{ readonly outstanding: number }>()
  #isPumping = false
  #isDeleted = false
  readonly #expiry = new Alarm(() => this.#expired())
  readonly #idle = new Alarm(() => this.#surroundings.unused(this))

  constructor(options: QueueOptions, surroundings: Surroundings) {
    this.name = options.name
    this.durable = options.durable
    this.autoDelete = options.autoDelete
    this.owner = options.owner
    this.arguments = options.arguments
    this.settings = options.settings
    this.#surroundings = surroundings
    const { type, singleActiveConsumer, maxPriority } = options.settings
    this.consumers = new Consumers({ single: singleActiveConsumer, givesWay: type === 'quorum' })
    this.#order =
      type === 'quorum' ? QUORUM_ORDER : { highestPriority: maxPriority, usualPriority: 0, returns: 'old-place' }
    this.#ready = new Ready(this.#order)
    this.touch()
  }

  get isQuorum(): boolean {
    return this.settings.type === 'quorum'
  }

  get isDeleted(): boolean {
    return this.#isDeleted
  }

  /** How many messages wait. */
  get ready(): number {
    this.#dropExpired()
    return this.#ready.length
  }

  get unacknowledged(): number {
    return this.#unacknowledged
  }

  get consumerCount(): number {
    return this.isQuorum ? this.consumers.activeSize + this.#lingering.size : this.consumers.size
  }

  /** Somebody uses it: x-expires begins anew, or waits for the last consumer to go. */
  touch(): void {
    const { expiresMs } = this.settings
    if (expiresMs === undefined || this.#isDeleted) return
    if (this.consumers.size > 0) this.#idle.off()
    else this.#idle.ringAt(Date.now() + expiresMs)
  }

  /** False when it is full and refuses what comes. */
  publish(message: Message): boolean {
    if (this.#isDeleted) return true
    if (this.settings.overflow !== 'drop-head' && isOverfull(this.#ready, this.settings, message)) {
      if (this.settings.overflow === 'reject-publish-dlx')
        this.#surroundings.buried(this, message, 'maxlen', message.failures)
      return false
    }
    const entry = new Entry(message, this.#places++, expiryOf(message, this.settings))
    const passes = this.#ready.length === 0 && this.consumers.next() !== undefined
    this.#ready.push(entry)
    this.#kept(message, 1)
    if (passes) {
      // Whoever gets it at once from a classic queue is not told that somebody failed with it in another one.
      if (!this.isQuorum) entry.redelivered = false
      this.#passing = entry
    } else this.#tidy()
    return true
  }

  /** Hands messages to consumers as long as there are both. */
  pump(): void {
    // What a delivery brings about may lead back here.
    if (this.#isPumping) return
    this.#isPumping = true
    while (this.#ready.length > 0) {
      if (this.#passing === undefined) this.#dropExpired()
      const consumer = this.consumers.next()
      if (consumer === undefined) break
      this.#passing = undefined
      const entry = this.#ready.shift()
      if (entry === undefined) break
      this.#unacknowledged++
      this.consumers.served(consumer)
      consumer.deliver(entry)
    }
    this.#passing = undefined
    this.#isPumping = false
    this.#tidy()
  }

  /** For basic.get. Whoever takes it settles it, or puts it back. */
  take(): Entry | undefined {
    this.touch()
    this.#dropExpired()
    const entry = this.#ready.shift()
    if (entry !== undefined) this.#unacknowledged++
    this.#armExpiry()
    return entry
  }

  /** It was acknowledged, or needed not to be. */
  settled(entry: Entry): void {
    this.#unacknowledged--
    this.#kept(entry.message, -1)
  }

  /** It was rejected for good. */
  discard(entry: Entry, failed: boolean): void {
    this.settled(entry)
    if (!this.#isDeleted) this.#surroundings.buried(this, entry.message, 'rejected', entry.failures + Number(failed))
  }

  putBack(entry: Entry, why: Return): void {
    if (this.#isDeleted) {
      this.settled(entry)
      return
    }
    entry.redelivered = true
    entry.returns++
    if (why === 'failed') {
      entry.failures++
      if (this.isQuorum && entry.failures > this.settings.deliveryLimit) {
        this.settled(entry)
        this.#surroundings.buried(this, entry.message, 'delivery_limit', entry.failures)
        return
      }
    }
    this.#unacknowledged--
    this.#ready.putBack(entry)
    // A quorum queue looks for somebody who takes it first, and at its limits then.
    if (!this.isQuorum) this.#tidy()
  }

  /** How many there were. */
  purge(): number {
    this.#dropExpired()
    const count = this.#ready.length
    this.#empty()
    return count
  }

  consume(consumer: Consumer): void {
    this.consumers.add(consumer)
    this.touch()
  }

  /** Counts it as a consumer as long as it has something outstanding. */
  linger(holder: { readonly outstanding: number }): void {
    if (this.isQuorum && !this.settings.singleActiveConsumer && holder.outstanding > 0) this.#lingering.add(holder)
  }

  /** It has settled something: with the last of it, it counts no more. */
  unlinger(holder: { readonly outstanding: number }): void {
    if (holder.outstanding === 0) this.#lingering.delete(holder)
  }

  /** An auto-delete queue goes with its last consumer. */
  cancel(consumer: Consumer): void {
    this.consumers.remove(consumer)
    this.linger(consumer)
    if (this.#isDeleted || this.consumers.size > 0) return
    if (this.autoDelete) this.#surroundings.unused(this)
    else this.touch()
  }

  /** Ends its timers and its consumers, who are told. What is out with them belongs to nobody then. */
  delete(): void {
    if (this.#isDeleted) return
    this.#empty()
    this.#isDeleted = true
    this.#expiry.off()
    this.#idle.off()
    for (const consumer of this.consumers.clear()) consumer.cancelled()
  }

  /** After a restart: transient messages are gone. */
  forgetTransient(): void {
    this.consumers.clear()
    if (this.isQuorum) return
    const before = this.#ready
    this.#ready = new Ready(this.#order)
    for (let entry = before.shift(); entry !== undefined; entry = before.shift()) {
      if (entry.message.isPersistent) this.#ready.push(entry)
      else this.#kept(entry.message, -1)
    }
    this.touch()
  }

  #empty(): void {
    for (const { message } of this.#ready) this.#kept(message, -1)
    this.#ready = new Ready(this.#order)
    this.#passing = undefined
    this.#expiry.off()
  }

  #tidy(): void {
    this.#dropExpired()
    if (this.settings.overflow === 'drop-head') {
      while (isOverfull(this.#ready, this.settings)) this.#dropHead('maxlen')
    }
    this.#armExpiry()
  }

  #dropHead(reason: DeathReason): void {
    const entry = this.#ready.shift()
    if (entry === undefined) return
    this.#kept(entry.message, -1)
    this.#surroundings.buried(this, entry.message, reason, entry.failures)
  }

  /** Only at the head: a message that would expire behind another one waits for it, as in RabbitMQ. */
  #dropExpired(): void {
    let head = this.#ready.peek()
    if (head === undefined || head.expiresAt === 0 || head === this.#passing) return
    const now = Date.now()
    while (head !== undefined && head.expiresAt !== 0 && head.expiresAt <= now) {
      this.#dropHead('expired')
      head = this.#ready.peek()
    }
  }

  #expired(): void {
    this.#dropExpired()
    this.#armExpiry()
  }

  #armExpiry(): void {
    const head = this.#ready.peek()
    if (head === undefined || head.expiresAt === 0) this.#expiry.off()
    else this.#expiry.ringAt(head.expiresAt)
  }

  #kept({ footprint }: Message, sign: 1 | -1): void {
    this.#surroundings.kept(sign * footprint)
  }
}
