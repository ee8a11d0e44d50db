import { missingQueue } from './erlang.ts'

/**
 * All that the broker tells a client when it refuses something: the codes of section 1.3 of the specification, and
 * RabbitMQ's own texts for them. A soft error ends the channel, a hard one the connection.
 */
const NAMES = {
  311: 'CONTENT_TOO_LARGE',
  320: 'CONNECTION_FORCED',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
  405: 'RESOURCE_LOCKED',
  406: 'PRECONDITION_FAILED',
  501: 'FRAME_ERROR',
  502: 'SYNTAX_ERROR',
  503: 'COMMAND_INVALID',
  504: 'CHANNEL_ERROR',
  505: 'UNEXPECTED_FRAME',
  506: 'RESOURCE_ERROR',
  530: 'NOT_ALLOWED',
  540: 'NOT_IMPLEMENTED',
  541: 'INTERNAL_ERROR',
} as const

type Code = keyof typeof NAMES

/** What a close frame says. */
export class ProtocolError extends Error {
  readonly code: Code
  /** Whether the close frame names the method that was at fault. */
  readonly namesMethod: boolean

  constructor(code: Code, explanation: string, namesMethod = true) {
    super(shortened(`${NAMES[code]} - ${explanation}`))
    this.name = new.target.name
    this.code = code
    this.namesMethod = namesMethod
  }
}

/** Ends the channel on which it happened. */
export class ChannelError extends ProtocolError {}

/** Ends the connection. */
export class ConnectionError extends ProtocolError {}

/** What RabbitMQ meets with a crash of its own: the socket is closed without a word. */
export class WordlessError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WordlessError'
  }
}

const LONGEST = 255

/** A reply text is a short string: RabbitMQ cuts it, too. */
function shortened(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= LONGEST) return text
  // A character that was cut in half becomes U+FFFD, which takes three bytes where there were one or two.
  return `${bytes.toString('utf8', 0, LONGEST - 3).replace(/\uFFFD$/, '')}...`
}

type Kind = 'queue' | 'exchange'

const named = (kind: Kind, name: string, vhost: string) => `${kind} '${name}' in vhost '${vhost}'`

export const notFound = (kind: Kind, name: string, vhost: string) =>
  new ChannelError(404, `no ${named(kind, name, vhost)}`)

export const noPreviousQueue = () => new ChannelError(404, 'no previously declared queue')

export const defaultExchange = () => new ChannelError(403, 'operation not permitted on the default exchange')

export const reservedName = (kind: Kind, name: string) =>
  new ChannelError(403, `${kind} name '${name}' contains reserved prefix 'amq.*'`)

export const systemExchange = (name: string, vhost: string) =>
  new ChannelError(403, `deletion of system ${named('exchange', name, vhost)} not allowed`)

export const internalExchange = (name: string, vhost: string) =>
  new ChannelError(403, `cannot publish to internal ${named('exchange', name, vhost)}`)

export const exclusiveUse = (queue: string, vhost: string) =>
  new ChannelError(403, `${named('queue', queue, vhost)} in exclusive use`)

export const locked = (queue: string, vhost: string) =>
  new ChannelError(
    405,
    `cannot obtain exclusive access to locked ${named('queue', queue, vhost)}. It could be originally declared on ` +
      'another connection or the exclusive property value does not match that of the original declaration.',
  )

export const lockedToSingle = (queue: string, vhost: string) =>
  new ChannelError(
    405,
    `cannot obtain access to locked ${named('queue', queue, vhost)}. basic.get operations are not supported by ` +
      '<<"quorum">> queues with single active consumer',
  )

export const quorumDeletion = (queue: string, vhost: string, flag: string) =>
  new ConnectionError(
    540,
    `cannot delete ${named('queue', queue, vhost)}. queue.delete operations with ${flag} flag set are not supported ` +
      'by quorum queues',
  )

export const inUse = (kind: Kind, name: string, vhost: string) =>
  new ChannelError(406, `${named(kind, name, vhost)} in use`)

export const notEmpty = (queue: string, vhost: string) =>
  new ChannelError(406, `${named('queue', queue, vhost)} not empty`)

/** @param detail `received 'a' but current is 'b'` */
export const inequivalent = (arg: string, kind: Kind, name: string, vhost: string, detail: string) =>
  new ChannelError(406, `inequivalent arg '${arg}' for ${named(kind, name, vhost)}: ${detail}`)

/** @param reason an Erlang term, as RabbitMQ shows it */
export const invalidArgument = (arg: string, kind: Kind, name: string, vhost: string, reason: string) =>
  new ChannelError(406, `invalid arg '${arg}' for ${named(kind, name, vhost)}: ${reason}`)

export const argumentOfOtherType = (arg: string, queue: string, vhost: string, queueType: string) =>
  new ChannelError(406, `invalid arg '${arg}' for ${named('queue', queue, vhost)} of queue type ${queueType}`)

export const invalidTypeOfArgument = (arg: string, type: string, kind: Kind, name: string, vhost: string) =>
  new ChannelError(406, `invalid type '${type}' for arg '${arg}' in ${named(kind, name, vhost)}`)

export const invalidProperty = (property: string, queue: string, vhost: string) =>
  new ChannelError(406, `invalid property '${property}' for ${named('queue', queue, vhost)}`)

export const unknownExchangeType = (type: string) => new ChannelError(406, `unknown exchange type '${type}'`)

export const invalidMatch = (value: string) =>
  new ChannelError(406, `Invalid x-match field value ${value}; expected all, any, all-with-x, or any-with-x`)

export const unknownDeliveryTag = (tag: number | bigint) => new ChannelError(406, `unknown delivery tag ${tag}`)

export const invalidExpiration = (text: string, reason: string) =>
  new ChannelError(406, `invalid expiration '${text}': ${reason}`)

export const otherUser = (claimed: string, user: string) =>
  new ChannelError(406, `user_id property set to '${claimed}' but authenticated user was '${user}'`)

export const invalidMessage = (term: string) => new ChannelError(406, `invalid message: ${term}`)

export const tooLarge = (size: number | bigint, most: number) =>
  new ChannelError(406, `message size ${size} is larger than configured max size ${most}`)

export const replyMustNotAck = () => new ChannelError(406, 'reply consumer cannot acknowledge')

export const replyConsumerExists = () => new ChannelError(406, 'reply consumer already set')

export const notTransactional = () => new ChannelError(406, 'channel is not transactional')

/** A channel has either confirms or transactions. */
export const otherMode = (from: 'tx' | 'confirm', to: 'tx' | 'confirm') =>
  new ChannelError(406, `cannot switch from ${from} to ${to} mode`)

export const partialCommit = () => new ChannelError(406, 'partial tx completion')

export const queueGone = (queue: string, vhost: string) =>
  new ConnectionError(506, `failed to deliver message: ${missingQueue(queue, vhost)}`)

export const noReplyConsumer = () => new ChannelError(406, 'fast reply consumer does not exist')

export const notHere = (what: string) => new ConnectionError(540, what)

export const tagInUse = (tag: string) => new ConnectionError(530, `attempt to reuse consumer tag '${tag}'`)

export const tooManyChannels = (most: number) =>
  new ConnectionError(
    530,
    `number of channels opened (${most}) has reached the negotiated channel_max (${most})`,
    false,
  )

export const vhostNotFound = (name: string) => new ConnectionError(530, `vhost ${name} not found`)

export const vhostRefused = (name: string, user: string) =>
  new ConnectionError(530, `access to vhost '${name}' refused for user '${user}'`)

export const loginRefused = (mechanism: string) =>
  new ConnectionError(
    403,
    `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
    false,
  )

export const forced = (reason: string) => new ConnectionError(320, reason, false)

export const frameError = (frame: string, reason: string) => new ConnectionError(501, `${frame}: ${reason}`, false)

export const unexpectedFrame = (frame: string) => new ConnectionError(505, frame, false)

export const methodExpected = () =>
  new ConnectionError(505, 'expected method frame, got non method frame instead', false)

export const headerExpected = () =>
  new ConnectionError(505, 'expected content header for class 60, got non content header frame instead')

export const otherHeader = (classId: number) =>
  new ConnectionError(505, `expected content header for class 60, got one for class ${classId} instead`)

export const bodyExpected = () => new ConnectionError(505, 'expected content body, got non content body frame instead')

export const tooMuchBody = () => new ConnectionError(501, 'content body frame exceeds remaining content size')

export const channelNotOpen = () => new ConnectionError(504, "expected 'channel.open'")

export const channelOpenTwice = () => new ConnectionError(504, "second 'channel.open' seen")

export const unexpectedMethod = () => new ConnectionError(504, 'unexpected method in connection state running')

export const unimplementedMethod = () => new ConnectionError(503, 'unimplemented method')

export const internalError = () => new ConnectionError(541, 'the broker failed to do this')
