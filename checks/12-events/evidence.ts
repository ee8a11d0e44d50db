import {
  by,
  calls,
  type FrameEvent,
  frames,
  isBefore,
  markOf,
  type Outcome,
  outcomeOf,
  placeIn,
  type Recording,
  reached as reachedMark,
  type Shortfall,
  said,
  settled,
  tasks,
} from '../../lab/check/evidence.ts'
import { EVENTS, exchangeOf, SHOP } from './scenarios.ts'

/** How events are published. */

/** The first call of these that rejected. */
export function refusal(recording: Recording, ...names: string[]): (Outcome & { name: string }) | undefined {
  return names
    .flatMap((name) => calls(recording, name))
    .flatMap((call) => ({ ...outcomeOf(recording, call), name: call.name }))
    .filter((outcome): outcome is Outcome & { name: string } => outcome.ok === false)
    .toSorted((one, other) => placeIn(recording, one.event) - placeIn(recording, other.event))[0]
}

/** The frame with which a channel was closed before its time. */
export function closing(recording: Recording): FrameEvent | undefined {
  return [...frames(recording, 'channel.close'), ...frames(recording, 'connection.close')].find(
    ({ fields }) => fields.replyCode !== 200,
  )
}

/** As reachedMark(), but a call of the exercise that rejected says more. */
export function reached(recording: Recording, mark: string): Shortfall | undefined {
  const short = reachedMark(recording, mark)
  const refused = short && refusal(recording, 'publish', 'subscribe')
  if (!refused) return short
  const name = refused.name === 'publish' ? 'publishEvent' : 'subscribe'
  const close = closing(recording)
  const sentence = `${name}() rejected: ${said(refused)}`
  const unbound = name === 'subscribe' && String(close?.fields.replyText).includes(`no exchange '${SHOP}'`)
  return {
    seen: close ? `${sentence.replace(/\.?$/, '.')} ${by(close)} closed the channel.` : sentence,
    looksLike: unbound ? 'nothing-to-bind-to' : undefined,
    show: [unbound ? frames(recording, 'queue.bind')[0] : undefined, close, refused.event],
  }
}

/** How the exchange was declared, or asked for. */
export function declaresOf(recording: Recording, exchange = SHOP): FrameEvent[] {
  return frames(recording, 'exchange.declare').filter(({ fields }) => fields.exchange === exchange)
}

/** An event went to another exchange, or with another key, or the exchange is of another type. */
export function publishedOtherwise(recording: Recording): Shortfall | undefined {
  const { published } = tasks(recording)
  const astray = published.findIndex(({ exchange }, i) => exchange !== exchangeOf(EVENTS[i]))
  const event = published[astray]
  if (event) {
    const [type, exchange] = [EVENTS[astray], exchangeOf(EVENTS[astray])]
    return {
      seen: `'${type}' should go to the exchange '${exchange}', but you published it to ${event.exchange === '' ? `the default exchange, which routes it to the queue '${event.routingKey}'` : `the exchange '${event.exchange}'`}.`,
      looksLike: event.exchange === '' ? 'straight-into-a-queue' : undefined,
      show: [event.frame],
      wrong: { event: event.frame, instead: `exchange '${exchange}', routingKey '${type}'` },
    }
  }
  const [declare] = declaresOf(recording)
  if (declare && declare.fields.passive !== true && declare.fields.type !== 'topic') {
    return {
      seen: `Your service declared the exchange '${SHOP}' with the type '${declare.fields.type}'.`,
      looksLike: 'no-topic-exchange',
      show: [declare],
      wrong: { event: declare, instead: "type 'topic'" },
    }
  }
  const at = published.findIndex(({ routingKey }, i) => routingKey !== EVENTS[i])
  const wrong = published[at]
  if (wrong) {
    return {
      seen: `Your service published an event of type '${EVENTS[at]}' with the routing key '${wrong.routingKey}'.`,
      looksLike: isSameWord(wrong.routingKey, EVENTS[at]) ? 'changes-the-case' : 'no-routing-key',
      show: [wrong.frame],
      wrong: { event: wrong.frame, instead: `routingKey '${EVENTS[at]}'` },
    }
  }
  if (published.length === EVENTS.length && declare) return undefined
  const few = { seen: `Your service published only ${published.length} of ${EVENTS.length} events.` }
  return reached(recording, 'all were told') ?? (declare ? few : NO_EXCHANGE)
}

/** They differ in their case only. */
export function isSameWord(one: unknown, other: unknown): boolean {
  return one !== other && String(one).toLowerCase() === String(other).toLowerCase()
}

const NO_EXCHANGE = { seen: `Your service never declared the exchange '${SHOP}'.` }

/** The exchange was not declared. */
export function neverDeclared(recording: Recording): Shortfall | undefined {
  if (declaresOf(recording).some(({ fields }) => fields.passive !== true)) return undefined
  return reached(recording, 'published again') ?? NO_EXCHANGE
}

/** A call rejected, because no queue was bound to the exchange. */
export function wantsAListener(recording: Recording): Shortfall | undefined {
  const outcome = refusal(recording, 'publish')
  if (!outcome) return undefined
  const event = tasks(recording).published.at(-1)
  const exchange = event?.exchange ?? SHOP
  const declares = declaresOf(recording, exchange)
  const close = closing(recording)
  const [returned] = frames(recording, 'basic.return')
  const isMissing = close && declares.every(({ fields }) => fields.passive === true)
  return {
    seen: `publishEvent() rejected when no queue was bound to the exchange '${exchange}': ${said(outcome)}`,
    looksLike: returned || event?.mandatory ? 'wants-a-listener' : isMissing ? 'no-exchange' : undefined,
    show: [...declares, event?.frame, returned, close, outcome.event],
    wrong: returned
      ? { event: event?.frame, instead: 'without mandatory, because an event may have no subscribers' }
      : close && { event: event?.frame, instead: `exchange.declare for '${exchange}' first` },
  }
}

/** The call resolved before the broker's confirm, or rejected. */
export function didNotWait(recording: Recording): Shortfall | undefined {
  const outcome = settled(recording, 'publish')
  const mark = markOf(recording, 'the confirm is on its way')
  const [event] = tasks(recording).published
  if (outcome?.ok && mark && isBefore(recording, outcome.event, mark)) {
    return {
      seen: "publishEvent() resolved before the broker's ack had reached your service.",
      looksLike: 'does-not-wait',
      show: [event?.frame, outcome.event, frames(recording, 'basic.ack')[0]],
      wrong: { event: outcome.event, instead: "the call stays pending until the broker's ack arrives" },
    }
  }
  if (outcome?.ok !== false) return undefined
  return { seen: `publishEvent() rejected: ${said(outcome)}`, show: [event?.frame, outcome.event] }
}
