import { randomBytes } from 'node:crypto'
import type { Message } from './message/message.ts'

/**
 * Direct reply-to: answers go straight to a channel, with no queue between. A client consumes from the pseudo-queue
 * amq.rabbitmq.reply-to; requests that it publishes have that name in reply-to replaced by one that leads back to it.
 */
export const REPLY_TO = 'amq.rabbitmq.reply-to'
const PREFIX = `${REPLY_TO}.`
const SECRET_BYTES = 24
const ADDRESS_LENGTH = PREFIX.length + (SECRET_BYTES / 3) * 4

export interface ReplyConsumer {
  readonly tag: string
  /** The name that answers are published to. */
  readonly address: string
  deliverReply(message: Message): void
}

export class ReplyConsumers {
  readonly #byAddress = new Map<string, ReplyConsumer>()

  newAddress(): string {
    return PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
  }

  add(consumer: ReplyConsumer): void {
    this.#byAddress.set(consumer.address, consumer)
  }

  remove(consumer: ReplyConsumer): void {
    this.#byAddress.delete(consumer.address)
  }

  find(address: string): ReplyConsumer | undefined {
    return this.#byAddress.get(address)
  }

  /** Whether it is the address of anybody, be he gone or not. */
  static isAddress(routingKey: string): boolean {
    return routingKey.length === ADDRESS_LENGTH && routingKey.startsWith(PREFIX)
  }
}
