import type { Arguments } from '../../amqp/methods.ts'
import type { TableValue } from '../../amqp/table.ts'
import { typeOf } from '../erlang.ts'
import { internalExchange, invalidExpiration, invalidMessage, noReplyConsumer, notHere, otherUser } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { route } from '../exchange/route.ts'
import { headersOf, Message } from '../message/message.ts'
import { changed, FLAGS, readShortstr } from '../message/raw-table.ts'
import type { Queue } from '../queue/queue.ts'
import { REPLY_TO, ReplyConsumers } from '../reply-to.ts'
import type { Channel } from './channel.ts'
import type { Content } from './content.ts'
import type { Publication } from './publication.ts'

/** Ten years. */
const LONGEST_MS = 315_360_000_000
const NO_ROUTE = { replyCode: 312, replyText: 'NO_ROUTE' }
const NO_KEYS: readonly string[] = []
const BCC: ReadonlySet<string> = new Set(['BCC'])

/**
 * basic.publish, once its content is there. What it brings about goes out in this order: its return, its confirm, its
 * deliveries.
 *
 * @throws ChannelError, ConnectionError
 */
export function publish(channel: Channel, args: Arguments<'basic.publish'>, content: Content): void {
  if (args.immediate) throw notHere('immediate=true')
  const { vhost, confirms, transaction } = channel
  const exchange = vhost.exchange(args.exchange)
  if (exchange.settings.internal) throw internalExchange(args.exchange, vhost.name)
  const { message, bcc } = messageOf(channel, args, content)
  const isReply = exchange.name === '' && ReplyConsumers.isAddress(message.routingKey)
  const queues = isReply ? undefined : queuesFor(channel, exchange, message, bcc)
  const publication = { message, mandatory: args.mandatory, queues }
  if (transaction !== undefined) {
    transaction.publish(publication)
    return
  }
  confirms?.published()
  if (enqueue(channel, publication)) confirms?.confirm()
  else confirms?.refuse()
  handOver(channel, publication)
}

/** Puts a message into its queues, or returns it. False when one of them refuses it. */
export function enqueue(channel: Channel, { message, mandatory, queues }: Publication): boolean {
  if (queues === undefined) return true
  let isTaken = true
  let count = 0
  for (const queue of queues) {
    count++
    if (!queue.publish(message)) isTaken = false
  }
  if (count === 0 && mandatory) {
    const { exchange, routingKey } = message
    channel.sendContent('basic.return', { ...NO_ROUTE, exchange, routingKey }, message)
  }
  return isTaken
}

/** Hands it on to consumers. */
export function handOver({ connection }: Channel, { message, queues }: Publication): void {
  if (queues === undefined) connection.broker.replies.find(message.routingKey)?.deliverReply(message)
  else for (const queue of queues) queue.pump()
}

function queuesFor({ vhost }: Channel, exchange: Exchange, message: Message, bcc: readonly string[]): Iterable<Queue> {
  const { routingKey, cc } = message
  if (exchange.name === '' && cc.length === 0 && bcc.length === 0) {
    const queue = vhost.queues.get(routingKey)
    return queue === undefined ? [] : [queue]
  }
  return route(vhost, exchange, [routingKey, ...cc, ...bcc], message.rawProperties)
}

/** @throws ChannelError when its properties say what can't be */
function messageOf(
  channel: Channel,
  { exchange, routingKey }: Arguments<'basic.publish'>,
  { bytes, propertiesSize }: Content,
): { message: Message; bcc: readonly string[] } {
  const flags = bytes.readUInt16BE(0)
  let raw = bytes.subarray(0, propertiesSize)
  let [cc, bcc] = [NO_KEYS, NO_KEYS]
  if ((flags & FLAGS.headers) !== 0) {
    const headers = headersOf(raw)
    cc = keysOf(headers['CC'], 'CC')
    bcc = keysOf(headers['BCC'], 'BCC')
    if (headers['BCC'] !== undefined) raw = changed(raw, { without: BCC })
  }
  if ((flags & FLAGS.userId) !== 0) assertUser(readShortstr(raw, FLAGS.userId), channel.user.name)
  const expirationMs = (flags & FLAGS.expiration) === 0 ? -1 : expirationOf(readShortstr(raw, FLAGS.expiration) ?? '')
  if ((flags & FLAGS.replyTo) !== 0 && readShortstr(raw, FLAGS.replyTo) === REPLY_TO) {
    if (channel.replyConsumer === undefined) throw noReplyConsumer()
    raw = changed(raw, { shortstrs: new Map([[FLAGS.replyTo, channel.replyConsumer.address]]) })
  }
  const isChanged = raw.buffer !== bytes.buffer || raw.byteOffset !== bytes.byteOffset
  const content = isChanged ? Buffer.concat([raw, bytes.subarray(propertiesSize)]) : bytes
  return { message: new Message({ exchange, routingKey, cc, content, propertiesSize: raw.length, expirationMs }), bcc }
}

function keysOf(value: TableValue | undefined, header: string): readonly string[] {
  if (value === undefined) return NO_KEYS
  if (!Array.isArray(value)) throw invalidMessage(`{unacceptable_type_in_header,"${header}",${typeOf(value)}}`)
  return value.filter((key) => typeof key === 'string')
}

function assertUser(claimed: string | undefined, user: string): void {
  if (claimed !== undefined && claimed !== user) throw otherUser(claimed, user)
}

/** As Erlang's string:to_integer reads it. */
function expirationOf(text: string): number {
  const [digits] = /^[+-]?\d+/.exec(text) ?? []
  if (digits === undefined) throw invalidExpiration(text, 'no_integer')
  const rest = text.slice(digits.length)
  if (rest !== '') throw invalidExpiration(text, `{leftover_string,${JSON.stringify(rest)}}`)
  const ms = Number(digits)
  if (ms < 0) throw invalidExpiration(text, `{value_negative,${ms}}`)
  if (ms > LONGEST_MS) throw invalidExpiration(text, `{value_too_large,${digits}}`)
  return ms
}
