import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, type ConfirmChannel, connect, type Options } from 'amqplib'
import { LabError } from '../../errors.ts'
import type { QueueAddress } from './address.ts'

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 10_000
const NO_ANSWER_MS = 10_000

/** One connection to the broker of the queues. Whatever is closed on it without being asked to ends all of it. */
export interface Link {
  /** A channel with publisher confirms. */
  channel(): Promise<ConfirmChannel>
  /** On a channel of its own: what the broker refuses there is returned, and ends nothing else. */
  attempt(work: (channel: Channel) => Promise<unknown>): Promise<Error | undefined>
  /** Gives this connection up: another one takes its place. */
  lose(error: Error): void
  /** Aborted when it is lost. */
  lost: AbortSignal
}

export interface Linking {
  signal: AbortSignal
  /** Told of each loss and each attempt in vain. */
  tell(text: string): void
}

/**
 * Works over a connection until `work` resolves. Where the connection is lost, `work` is called again with the next one;
 * it never gives up connecting, and waits longer from time to time. Resolves early when the signal aborts and there is no
 * connection.
 *
 * @throws LabError 'queue-refused' where the broker refuses the login or the virtual host; what `work` rejects with
 */
export async function overLinks(
  address: QueueAddress,
  { signal, tell }: Linking,
  work: (link: Link) => Promise<void>,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const connection = await connected(address, signal).catch((error: Error) => error)
    if (connection instanceof Error) {
      if (signal.aborted) return
      if (isRefusal(connection)) throw refused(address, connection)
      if (failures === 0) tell(`${address.shown} can't be reached (${connection.message}). Trying again.`)
    } else {
      const why = await overOne(connection, work)
      if (why === undefined) return
      tell(`The connection to ${address.shown} was lost (${why.message}). Connecting again.`)
      failures = 0
    }
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++)
    await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {})
  }
}

/** Why the connection was lost; undefined when the work is done. */
async function overOne(connection: ChannelModel, work: (link: Link) => Promise<void>): Promise<Error | undefined> {
  const losing = new AbortController()
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  let isClosing = false
  const lose = (error: Error) => {
    if (isClosing || losing.signal.aborted) return
    losing.abort(error)
    lost.reject(error)
  }
  connection.on('error', lose)
  connection.on('close', (error?: Error) => lose(error ?? new Error('it was closed')))
  const channels: Channel[] = []
  const link: Link = {
    lost: losing.signal,
    lose,
    async channel() {
      const channel = await connection.createConfirmChannel()
      channel.on('error', lose)
      channel.on('close', () => lose(new Error('a channel was closed')))
      channels.push(channel)
      return channel
    },
    async attempt(work) {
      const channel = await connection.createChannel()
      channel.on('error', () => {})
      try {
        await Promise.race([work(channel), lost.promise])
        await Promise.race([channel.close(), lost.promise])
        return undefined
      } catch (error) {
        return error as Error
      }
    },
  }
  try {
    await Promise.race([work(link), lost.promise])
    return undefined
  } catch (error) {
    if (!losing.signal.aborted) throw error
    return losing.signal.reason as Error
  } finally {
    isClosing = true
    // The channels first: their closing goes out behind their acks. The connection's own would overtake them.
    if (!losing.signal.aborted) await Promise.all(channels.map(closed))
    await closed(connection)
  }
}

/** Publishes to a queue; resolves when the broker has it. */
export function confirmed(
  channel: ConfirmChannel,
  queue: string,
  body: Buffer,
  options: Options.Publish = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const all = { persistent: true, contentType: 'application/json', ...options }
    channel.sendToQueue(queue, body, all, (error: unknown) => (error ? reject(error as Error) : resolve()))
  })
}

async function connected({ url }: QueueAddress, signal: AbortSignal): Promise<ChannelModel> {
  signal.throwIfAborted()
  const attempt = new AbortController()
  const giveUp = () => attempt.abort(new Error('it was ended'))
  const timer = setTimeout(() => attempt.abort(new Error('no answer')), NO_ANSWER_MS)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    // amqplib hands its socket options on: the signal destroys the socket.
    const options: object = { signal: attempt.signal, clientProperties: { connection_name: 'cluster-up grade' } }
    return await connect(url, options)
  } catch (error) {
    throw attempt.signal.aborted ? attempt.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }
}

/** amqplib's close() rejects, or never ends, where the connection is dead; 'close' comes either way. */
async function closed(open: Channel | ChannelModel): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  open.once('close', resolve)
  const closing = (async () => open.close())().catch(() => {})
  await Promise.race([promise, closing, sleep(NO_ANSWER_MS, undefined, { ref: false })])
}

/** The broker answered no: trying again can't help. Code 320 only says that it is being shut down. */
function isRefusal({ message }: Error): boolean {
  const refusedLogin = /^Handshake terminated by server: (?!320 )/.test(message)
  return (
    refusedLogin || (message.startsWith('Expected ConnectionOpenOk; got <ConnectionClose') && !/\b320\b/.test(message))
  )
}

function refused({ shown }: QueueAddress, cause: Error): LabError {
  return new LabError(
    'queue-refused',
    `${shown} refuses the connection: the user, password or virtual host is wrong.`,
    {
      advice: 'Check the URL of --queue, LAB_QUEUE_USER and LAB_QUEUE_PASSWORD.',
      cause,
    },
  )
}
