import {
  awaited,
  type Contents,
  connections,
  contents,
  type Delivery,
  type FrameEvent,
  isBefore,
  limitsOfQueues,
  marked,
  type Recording,
  type Settlement,
  type Shortfall,
  tasks,
  times,
} from '../../lab/check/evidence.ts'
import * as consumer from '../shared/consumer.ts'
import { closing, declaresOf } from './evidence.ts'
import {
  AGAIN,
  BEFORE,
  BEHIND,
  BYSTANDER,
  DONE,
  FAILING,
  FAILS,
  IN_HAND,
  MISSED,
  MOMENTS_MS,
  OTHER,
} from './scenarios.ts'
import { consumeOf, deliveriesTo, framesOf, isHandledBy, isJsonOf, queueOf, typeOf } from './views.ts'

/** Events that are lost: acknowledged too early, forgotten by the broker, missed while a service is away. */

/** An event was acknowledged while its handler worked, or never. */
export function ackedOtherwise(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  // The instance that came back has handlers that end by themselves.
  const mail = connections(recording).find(({ name }) => name === 'mail')?.connection
  const early = all.acks.find(({ own, settlement }) => {
    if (!own || settlement.connection !== mail) return false
    return isAtWork(recording, own, settlement)
  })
  if (early?.own) {
    const { own, settlement } = early
    const type = typeOf(own)
    return {
      seen: `Your service acknowledged '${type}' before its handler had finished.`,
      looksLike: 'acks-early',
      show: [own.frame, all.ofType(type).attempts[0]?.event, settlement.frame],
      wrong: { event: settlement.frame, instead: consumer.AFTER_WORK },
    }
  }
  const others = all.acks.find(({ own, also, settlement }) => {
    return own && settlement.connection === mail && also.some((each) => isAtWork(recording, each, settlement))
  })
  if (others?.own) {
    const { own, also, settlement } = others
    const working = also.find((each) => isAtWork(recording, each, settlement))
    return {
      seen: `When your service acknowledged '${typeOf(own)}', it also acknowledged '${working && typeOf(working)}', whose handler hadn't finished.`,
      looksLike: 'acks-others',
      show: [working?.frame, own.frame, settlement.frame],
      wrong: { event: settlement.frame, instead: 'multiple: false, an ack for this event alone' },
    }
  }
  if (all.noAckConsume) {
    return {
      seen: "Your service started its consumer with noAck, so the broker doesn't expect any acks.",
      looksLike: 'no-ack',
      show: [all.noAckConsume, all.deliveries[0]?.frame],
      wrong: consumer.withNoAck(recording),
    }
  }
  const { delivery, isAcked } = all.ofType(DONE)
  const vain = awaited(recording)
  if (!marked(recording, 'the first was handled') || isAcked) return undefined
  return {
    seen: `The handler for '${DONE}' resolved, but your service still hadn't acknowledged the event ${MOMENTS_MS / 1000} s later.`,
    looksLike: all.settlements.length === 0 ? 'never-acks' : undefined,
    show: [delivery?.frame, all.finishes[0]?.event, vain],
    wrong: { event: vain, instead: "basic.ack with the event's delivery tag" },
  }
}

/** The handler of what was delivered had not been let succeed by then. */
function isAtWork(recording: Recording, delivery: Delivery, { frame }: Settlement): boolean {
  const its = tasks(recording).ofType(typeOf(delivery))
  return (its.attempts[0]?.action ?? 'hold') === 'hold' && !its.succeededBefore(frame)
}

/** A service that was killed came back, and did not find an event. */
export function missedWhenKilled(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'came back')) return undefined
  const missed = MISSED.find((type) => !isHandledBy(recording, AGAIN, type))
  if (missed !== undefined) {
    return {
      seen: `The lab killed your service and published '${missed}' while the service was down. Your service came back, but never received the event.`,
      ...whyMissed(recording, missed),
    }
  }
  if (isHandledBy(recording, AGAIN, IN_HAND)) return undefined
  const { delivery, isAcked, attempts } = tasks(recording).ofType(IN_HAND)
  const unseen = ackedUnseen(recording, IN_HAND)
  if (unseen) {
    const killed = recording.events.find((event) => event.kind === 'process' && event.what === 'signalled')
    return {
      seen: `The lab killed your service while it was working on '${IN_HAND}'. When your service came back, it received '${IN_HAND}' again, but ${unseen.kind === 'ack' ? 'acknowledged' : 'dropped'} the event without calling the handler.`,
      ...unseen.why,
      show: [attempts[0]?.event, killed, ...(unseen.why.show ?? [])],
    }
  }
  if (isAcked) return undefined
  const { noAckConsume } = tasks(recording)
  return {
    seen: `The lab killed your service while it was working on '${IN_HAND}'. Your service came back, but never received '${IN_HAND}' again.`,
    looksLike: noAckConsume && 'no-ack',
    show: [noAckConsume, delivery?.frame, awaited(recording)],
  }
}

/** A delivery of an event that was answered for good, and no handler on its channel was ever called with it. */
function ackedUnseen(recording: Recording, type: string) {
  const all = tasks(recording)
  if (isHandledBy(recording, AGAIN, type)) return undefined
  const again = deliveriesTo(recording, AGAIN).find((each) => typeOf(each) === type)
  const answer = again && all.settlements.find((each) => all.covered(each).includes(again) && !each.requeue)
  if (!again || !answer) return undefined
  const why: Why = {
    looksLike: again.redelivered ? 'redelivered-is-done' : undefined,
    show: [again.frame, answer.frame],
    wrong: { event: answer.frame, instead: 'the handler first, because its last call did not finish' },
  }
  return { kind: answer.kind, why }
}

type Why = Pick<Shortfall, 'looksLike' | 'show' | 'wrong'>

function whyMissed(recording: Recording, type: string): Why {
  const event = tasks(recording).ofType(type).copies[0]?.frame
  const [declare] = framesOf(recording, 'mail', 'queue.declare')
  const [before, after] = [consumeOf(recording, 'mail'), consumeOf(recording, AGAIN)]
  if (before && after && before.fields.queue !== after.fields.queue) {
    return {
      looksLike: 'another-queue',
      show: [before, event, after],
      wrong: { event: after, instead: `queue '${before.fields.queue}', as before` },
    }
  }
  const [emptied] = ['queue.delete', 'queue.purge'].flatMap((method) => framesOf(recording, AGAIN, method))
  if (emptied) {
    return {
      looksLike: 'empties-its-queue',
      show: [event, emptied, after],
      wrong: { event: emptied, instead: 'nothing, because the queue contains the events that the service missed' },
    }
  }
  const gone = ['exclusive', 'autoDelete'].find((name) => declare?.fields[name] === true)
  return {
    looksLike: gone && 'queue-goes-too',
    show: [declare, event, after, awaited(recording)],
    wrong: gone
      ? { event: declare, instead: `without ${gone}, so that the queue stays when its service stops` }
      : undefined,
  }
}

/** What would be missed by a service that is away for longer than the lab can wait, or for more events. */
export function keptForAWhileOnly(recording: Recording): Shortfall | undefined {
  const own = queueOf(recording, 'mail')
  const limit = limitsOfQueues(recording).find(({ queue }) => queue === own)
  if (limit) {
    return {
      seen: `The 'mail' service declared its queue with ${limit.argument} set to ${limit.value}: ${limit.does}.`,
      looksLike: 'does-not-keep',
      show: [limit.declare],
      wrong: { event: limit.declare, instead: `without ${limit.argument}, because a service may be away for longer` },
    }
  }
  const brief = tasks(recording).published.find(({ properties }) => properties.expiration !== undefined)
  if (!brief) return undefined
  return {
    seen: `Your service published '${brief.routingKey}' with an expiration of ${brief.properties.expiration}, so the broker removes the event from every queue after that many milliseconds.`,
    looksLike: 'does-not-keep',
    show: [brief.frame],
    wrong: { event: brief.frame, instead: 'without expiration, because a service may be away for longer' },
  }
}

/**
 * Where failed events wait, or are set aside, something is lost in time: a queue beside the service's own has a limit. One
 * that passes them on after a while is a pause, and whoever declares it anew for each may let it go behind them.
 */
export function keptAsideForAWhile(recording: Recording): Shortfall | undefined {
  const failed = tasks(recording).ofType(FAILS).attempts[0]?.event
  const own = [queueOf(recording, 'mail'), queueOf(recording, AGAIN)]
  const limit = limitsOfQueues(recording).find(({ queue, argument, value, declare }) => {
    const settings = Object(declare.fields.arguments)
    const pause = 'x-dead-letter-exchange' in settings ? Number(settings['x-message-ttl']) : Number.NaN
    if (own.includes(queue) || argument === 'x-message-ttl') return !own.includes(queue) && Number.isNaN(pause)
    return argument !== 'x-expires' || !(pause < value) || !isBefore(recording, failed, declare)
  })
  if (!limit) return undefined
  const { declare, argument, value, does, queue } = limit
  return {
    seen: `Your service declared '${queue}', its queue for failed events, with ${argument} set to ${value}: ${does}.`,
    looksLike: 'does-not-keep',
    show: [declare],
    wrong: { event: declare, instead: `without ${argument}` },
  }
}

/** The process ended when a handler rejected. */
export function crashed(recording: Recording): Shortfall | undefined {
  const failed = tasks(recording).ofType(FAILS).attempts[0]?.event
  return failed && consumer.crashedBy(recording, `The handler for '${FAILS}' rejected`, { show: failed })
}

/** After a handler had rejected, another event came to no handler. */
export function otherStopped(recording: Recording): Shortfall | undefined {
  const { attempts, delivery } = tasks(recording).ofType(OTHER)
  if (!marked(recording, 'went on') || attempts.length > 0) return undefined
  const failed = tasks(recording).ofType(FAILS).attempts[0]?.event
  return {
    seen: `The handler for '${FAILS}' rejected. After that, '${OTHER}' ${delivery ? 'was delivered, but its handler was never called' : "wasn't even delivered"}.`,
    show: [failed, delivery?.frame, closing(recording), awaited(recording)],
  }
}

/** An event whose handler rejected never came again, and was in no queue. */
export function lostWhenRejected(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  const { attempts, delivery, isDone } = all.ofType(FAILS)
  const isIts = ({ queue, tasks }: Contents) => queue !== BYSTANDER && tasks.some((task) => isJsonOf(task, FAILING))
  const isSetAside = contents(recording).some(isIts)
  if (!marked(recording, 'came again') || isDone || isSetAside) return undefined
  const unseen = ackedUnseen(recording, FAILS)
  if (unseen) {
    return {
      seen: `The handler for '${FAILS}' rejected. The event was delivered again, but your service ${unseen.kind === 'ack' ? 'acknowledged' : 'dropped'} it without calling the handler, so it's lost.`,
      ...unseen.why,
      show: [attempts[0]?.event, ...(unseen.why.show ?? [])],
    }
  }
  const limited = framesOf(recording, 'mail', 'queue.declare').find(
    ({ fields }) => 'x-delivery-limit' in Object(fields.arguments),
  )
  if (limited) {
    return {
      seen: `The handler for '${FAILS}' rejected ${times(attempts.length, 'time')}. After that, the event wasn't delivered again and wasn't in any queue. Your service had declared its queue with x-delivery-limit ${Object(limited.fields.arguments)['x-delivery-limit']}.`,
      looksLike: 'limits-the-attempts',
      show: [limited, attempts.at(-1)?.event, awaited(recording)],
      wrong: { event: limited, instead: 'no x-delivery-limit, or a dead-letter queue for events that reach it' },
    }
  }
  const ack = all.acks.find(({ own }) => own && typeOf(own) === FAILS)
  const dropped = all.settlements.find(({ requeue, tags }) => requeue === false && tags.length > 0)
  const answer = ack?.settlement.frame ?? dropped?.frame
  return {
    seen: `The handler for '${FAILS}' rejected. The event was never delivered again and wasn't in any queue, so it's lost.`,
    looksLike: all.noAckConsume ? 'no-ack' : ack ? 'acks-failed' : dropped && 'drops-failed',
    show: [all.noAckConsume, delivery?.frame, attempts[0]?.event, answer, awaited(recording)],
    wrong: all.noAckConsume
      ? consumer.withNoAck(recording)
      : answer && { event: answer, instead: ack ? 'no ack, so that the event is delivered again' : 'requeue: true' },
  }
}

/** The broker restarted, and the service that came back did not find an event. */
export function missedOverRestart(recording: Recording): Shortfall | undefined {
  const missed = [BEFORE, BEHIND].find((type) => !isHandledBy(recording, AGAIN, type))
  if (missed === undefined || !marked(recording, 'came back')) return undefined
  const when = missed === BEFORE ? 'before the broker restarted' : 'after the broker restarted'
  return {
    seen: `'${missed}' was published ${when}, while the 'mail' service was down. The service came back, but never received the event.`,
    ...whyForgotten(recording, missed),
  }
}

function whyForgotten(recording: Recording, type: string): Why {
  const [event] = tasks(recording).ofType(type).copies
  const [queue] = framesOf(recording, 'mail', 'queue.declare')
  const exchange = framesOf(recording, 'mail', 'exchange.declare')[0] ?? declaresOf(recording)[0]
  const restarted = recording.events.find((each) => each.kind === 'broker' && each.what === 'restarted')
  const because = (looksLike: string, culprit: FrameEvent, instead: string): Why => ({
    looksLike,
    show: [culprit, event?.frame, restarted, awaited(recording)],
    wrong: { event: culprit, instead },
  })
  if (queue && queue.fields.durable !== true) {
    return because('transient-queue', queue, 'durable: true, so that the queue survives a restart')
  }
  if (exchange && exchange.fields.durable !== true) return because('transient-exchange', exchange, 'durable: true')
  if (queue && (queue.fields.exclusive === true || queue.fields.autoDelete === true)) {
    return because('queue-goes-too', queue, 'a queue that is neither exclusive nor autoDelete')
  }
  if (event && !event.persistent) return because('transient-event', event.frame, 'deliveryMode 2 (persistent)')
  return { show: [event?.frame, restarted, awaited(recording)] }
}
