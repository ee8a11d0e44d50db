import * as v from 'valibot'
import {
  atBroker,
  type Connection,
  calls,
  connections,
  findings,
  frame,
  frames,
  isBefore,
  marked,
  markOf,
  type Outcome,
  outcomeOf,
  type RecordedEvent,
  type Recording,
  reached,
  returned,
  type Shortfall,
  said,
  settled,
  since,
  tcp,
} from '../../lab/check/evidence.ts'
import { died, endOnLoss } from '../shared/process.ts'
import { FIRST, SECOND } from './scenarios.ts'

/** What the driver tells of what the exercise returned. */
export const Opened = v.object({ is: v.string(), channels: v.boolean() })
const Used = v.object({ queue: v.string() })
const FROM_CONNECT = 'the connection that connect() resolves with'

/** What became of the call that the lab made under this name. */
export function outcome(recording: Recording, name: string): Outcome | undefined {
  return settled(recording, 'open', (args) => args.name === name)
}

/** What the first call resolved with is no connection with channels of promises. */
export function unusable(recording: Recording): Shortfall | undefined {
  const opened = outcome(recording, FIRST)
  const { is, channels } = returned(opened, Opened) ?? {}
  const used = settled(recording, 'use')
  const closes = frames(recording, 'connection.close')
  if (opened?.ok === false) {
    const seen = `The broker was up, but openConnection() rejected: ${said(opened)}`
    return { seen, show: [...frames(recording, 'connection.open'), ...closes, opened.event] }
  }
  if (opened && !channels) {
    const seen = `openConnection() resolved with ${a(is)}, which has no createChannel().`
    return { seen, looksLike: 'no-connection', show: [opened.event], instead: FROM_CONNECT }
  }
  if (used?.ok === false) {
    const seen = `The lab couldn't create a channel on the value that openConnection() resolved with: ${said(used)}`
    return { seen, show: [...closes, used.event] }
  }
  if (used && !returned(used, Used)) {
    return {
      seen: `openConnection() resolved with ${a(is)}. The lab called assertQueue() on one of its channels, but the call didn't return a promise.`,
      looksLike: 'callback-api',
      show: [opened?.event, used.event, ...frames(recording, 'queue.declare')],
      wrong: { event: opened?.event, instead: 'a ChannelModel, whose channels have methods that return promises' },
    }
  }
  if (used && frame(recording, 'channel.open-ok')) return undefined
  const unopened = { seen: 'The lab called createChannel(), but nothing reached the broker.', show: [used?.event] }
  return reached(recording, 'used') ?? unopened
}

/** A second call got the outcome of the first, without opening another connection. */
export function keptTheFirst(recording: Recording, name: string): Shortfall | undefined {
  const [first, again] = calls(recording, 'open').filter(({ args }) => args.name === name)
  const [before, answer] = [first, again].map((call) => call && outcomeOf(recording, call))
  if (!again || !before || !answer || tcp(since(recording, again), 'accepted').length > 0) return undefined
  const why = before.ok ? 'The first connection was lost' : 'The first call failed, because no broker responded'
  const now = answer.ok
    ? 'the call resolved without opening a connection.'
    : `the call rejected without trying to connect: ${said(answer)}`
  return {
    seen: `${why}. Once the broker was up, the lab called openConnection() again with the same arguments, but ${now}`,
    looksLike: 'shares-connection',
    show: [before.event, again, answer.event],
    wrong: { event: answer.event, instead: 'a new connection for this call' },
  }
}

/** 'a Channel', 'an object', 'undefined'. */
function a(kind = 'undefined'): string {
  if (kind === 'undefined') return kind
  return `${/^[aeio]/i.test(kind) ? 'an' : 'a'} ${kind}`
}

function opened(recording: Recording): Connection[] {
  return connections(recording).filter(({ reached }) => reached === 'open')
}

/** One of the two connections is not at the broker under its name. */
export function unnamed(recording: Recording): Shortfall | undefined {
  const open = opened(recording)
  const name = [FIRST, SECOND].find((each) => !open.some((connection) => connection.name === each))
  if (name === undefined) return undefined
  const call = calls(recording, 'open').find(({ args }) => args.name === name)
  const answer = outcome(recording, name)
  const mine = open.find(({ acceptedMs }) => call && acceptedMs >= call.ms)
  if (name === SECOND && answer?.ok && !mine) {
    return {
      seen: `The lab called openConnection() twice, with the names '${FIRST}' and '${SECOND}', but the broker saw only one connection.`,
      looksLike: 'shares-connection',
      show: [...frames(recording, 'connection.open-ok'), answer.event],
      wrong: { event: answer.event, instead: 'a second connection, opened before the call resolves' },
    }
  }
  if (!mine) return reached(recording, 'listed') ?? { seen: `Your service didn't open a connection named '${name}'.` }
  const { sent, properties } = propertiesOf(recording, mine)
  const key = Object.keys(properties).find((each) => properties[each] === name)
  const listed = mine.name === undefined ? 'without a name' : `as '${mine.name}'`
  return {
    seen:
      key === undefined
        ? `The lab passed the name '${name}' to openConnection(), but the broker lists the connection ${listed}.`
        : `Your service sent the name '${name}' in the client property ${key}, so the broker lists the connection without a name.`,
    looksLike: key === undefined ? (mine.name === undefined ? 'no-name' : 'fixed-name') : 'name-elsewhere',
    show: [sent, atBroker(recording, 'connections')[0]],
    wrong: { event: sent, instead: `clientProperties with connection_name '${name}'` },
  }
}

/** What the client said of itself, but for what amqplib always says; and the frame, cut down to that. */
function propertiesOf(recording: Recording, { connection }: Connection) {
  const start = frames(recording, 'connection.start-ok').find((each) => each.connection === connection)
  const all = Object(start?.fields.clientProperties)
  const { version: _, platform: __, information: ___, capabilities: ____, ...properties } = all
  return { sent: start && { ...start, fields: { clientProperties: properties } }, properties }
}

/** It did not connect with a URL whose parts are percent-encoded. */
export function urlTakenApart(recording: Recording): Shortfall | undefined {
  const answer = outcome(recording, FIRST)
  if (answer?.ok === false) {
    const [vhosts, logins] = [frames(recording, 'connection.open'), frames(recording, 'connection.start-ok')]
    const closes = frames(recording, 'connection.close')
    const sent = [...vhosts, ...logins].map(({ fields }) => [fields.virtualHost, fields.response])
    const taken = isEncoded(JSON.stringify(sent)) || (logins.length === 0 && !/ECONN/.test(said(answer)))
    const apart =
      vhosts.find(({ fields }) => isEncoded(String(fields.virtualHost))) ??
      closes.find(({ from }) => from === 'broker') ??
      answer.event
    return {
      seen: `The password and the virtual host in the URL contained percent-encoded characters, such as spaces and slashes, and openConnection() rejected: ${said(answer)}`,
      looksLike: taken ? 'url-taken-apart' : undefined,
      show: [...vhosts, ...closes, answer.event],
      wrong: taken ? { event: apart, instead: 'the parts of the URL, each decoded once' } : undefined,
    }
  }
  if (opened(recording).length > 0) return undefined
  return reached(recording, 'opened') ?? { seen: "Your service didn't open a connection to the broker." }
}

function isEncoded(text: string): boolean {
  return /%[0-9a-f]{2}/i.test(text)
}

/** The process did not outlive the loss of its connection: it never came to `mark`. */
export function diedOf(
  loss: RecordedEvent | undefined,
  recording: Recording,
  what: string,
  mark: string,
): Shortfall | undefined {
  const answer = outcome(recording, FIRST)
  if (answer?.ok === false) return nothingTo('lose', answer)
  if (answer && marked(recording, 'nothing to lose')) {
    const seen = 'openConnection() resolved, but the broker had no open connection from your service.'
    return { seen, show: [...frames(recording, 'connection.close'), answer.event] }
  }
  const [end] = findings(recording)
  if (marked(recording, mark) || !loss || !end || isBefore(recording, end, loss)) return reached(recording, mark)
  return died(recording, what, { show: loss, looksLike: endOnLoss(recording) })
}

function nothingTo(what: string, answer: Outcome): Shortfall {
  const seen = `There was no connection to ${what}, because openConnection() rejected: ${said(answer)}`
  return { seen, show: [answer.event] }
}

/** Connections are left after the lab has called close() on each, or there is another one. */
export function notClosed(recording: Recording): Shortfall | undefined {
  const closing = since(recording, markOf(recording, 'closing'))
  const closes = frames(closing, 'connection.close')
  const [anew] = tcp(closing, 'accepted')
  if (anew) {
    const seen = 'The lab called close() on each connection, but then your service opened another one.'
    const wrong = { event: anew, instead: 'no new connection, because the caller closed this one on purpose' }
    return { seen, looksLike: 'comes-back', show: [...closes, anew], wrong }
  }
  const answer = outcome(recording, FIRST)
  if (answer?.ok === false) return nothingTo('close', answer)
  const close = settled(recording, 'close')
  if (close && closes.length === 0) {
    const { is, channels } = returned(answer, Opened) ?? {}
    return {
      seen: close.ok
        ? `The lab called close() on the ${is} that openConnection() resolved with, but no connection was closed.`
        : `close() failed on the value that openConnection() resolved with: ${said(close)}`,
      looksLike: channels ? undefined : 'no-connection',
      show: [answer?.event, close.event],
      wrong: channels ? undefined : { event: answer?.event, instead: FROM_CONNECT },
    }
  }
  // A process that ends itself once its connections are closed has closed them.
  if (closes.length > 0 && opened(recording).every(({ end }) => end)) return undefined
  const unclosed = { seen: 'Your service never sent connection.close.', show: [answer?.event] }
  return reached(recording, 'closed') ?? unclosed
}
