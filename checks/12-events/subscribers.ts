import {
  type Attempt,
  awaited,
  contents,
  type Delivery,
  type FrameEvent,
  first,
  frames,
  inOrder,
  isBefore,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  said,
  tasks,
  times,
} from '../../lab/check/evidence.ts'
import { closing, declaresOf, isSameWord, refusal } from './evidence.ts'
import { BYSTANDER, EVENTS, FAILING, FAILS, INSTANCES, OF_OTHERS, SERVICES, SHARED, SHOP } from './scenarios.ts'
import {
  consumeOf,
  deliveriesTo,
  framesOf,
  handled,
  isJsonOf,
  isTold,
  queueOf,
  twiceDelivered,
  typeOf,
} from './views.ts'

/** Who is told of which events: services, and the instances of one. */

/** A service was told of an event that it had not asked for. */
export function toldTooMuch(recording: Recording): Shortfall | undefined {
  return first(Object.entries(SERVICES), ([service, { wants }]) => {
    const extra = handled(recording, service).find(({ task }) => EVENTS.includes(task) && !wants.includes(task))
    return extra && notAsked(recording, service, extra)
  })
}

/** A service was not told of an event that it had asked for. */
export function toldTooLittle(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'all were told')) return undefined
  return first(Object.entries(SERVICES), ([service, { wants }]) => {
    const missing = wants.find((type) => !isTold(recording, service, type))
    return missing === undefined ? undefined : notTold(recording, service, missing)
  })
}

function notAsked(recording: Recording, service: string, { task, event }: Attempt): Shortfall {
  const pattern = SERVICES[service]?.pattern
  const delivery = deliveriesTo(recording, service).find((each) => typeOf(each) === task)
  const seen = `The '${service}' service subscribed to '${pattern}', but it also received '${task}'.`
  const shared = oneQueue(recording, service, seen, [delivery?.frame, event])
  if (shared) return shared
  const meant = delivery ? undefined : deliveriesTo(recording, service).find((each) => isSameWord(typeOf(each), task))
  if (meant) return calledOtherwise(service, meant, event, task)
  const binds = framesOf(recording, service, 'queue.bind')
  const bind = binds.find(({ fields }) => fields.routingKey !== pattern)
  const type = declaresOf(recording)[0]?.fields.type
  const isOfAnother = !delivery && !bind && type === 'topic'
  return {
    seen: isOfAnother ? `${seen} The broker had sent that event to another service in the same process.` : seen,
    looksLike:
      type !== undefined && type !== 'topic'
        ? 'no-topic-exchange'
        : isOfAnother
          ? 'calls-another-handler'
          : bind && (isSameWord(bind.fields.routingKey, pattern) ? 'changes-the-case' : 'ignores-the-pattern'),
    show: [bind ?? binds[0], delivery?.frame, event],
    wrong: bind && { event: bind, instead: `routingKey '${pattern}'` },
  }
}

function notTold(recording: Recording, service: string, missing: string): Shortfall {
  const pattern = SERVICES[service]?.pattern
  const event = tasks(recording).ofType(missing).copies[0]?.frame
  const delivery = deliveriesTo(recording, service).find((each) => typeOf(each) === missing)
  const seen = `The '${service}' service subscribed to '${pattern}', but it never received '${missing}'.`
  const shared = delivery ? undefined : oneQueue(recording, service, seen, [event])
  if (shared) return shared
  const [first, ...more] = framesOf(recording, service, 'queue.bind')
  const close = closing(recording)
  const isOther = ({ fields }: FrameEvent) => fields.routingKey !== pattern
  if (delivery) {
    const otherwise = handled(recording, service).find(({ task }) => ![...EVENTS, ...OF_OTHERS].includes(task))
    if (otherwise) return calledOtherwise(service, delivery, otherwise.event, otherwise.task)
    const bare = OF_OTHERS.includes(missing)
    return {
      seen: `${seen} The event was delivered, but your code never called the handler.${bare ? ' The client that published it sets different properties from the ones that amqplib sets.' : ''}`,
      looksLike: bare ? 'wants-properties' : first && [first, ...more].some(isOther) ? 'own-patterns' : undefined,
      show: [first, delivery.frame, close],
    }
  }
  const astray = close && ackElsewhere(recording, close)
  if (astray) {
    return {
      seen: `${seen} Your service acknowledged an event on a different channel from the one that delivered it, so the broker closed the channel that the ack was sent on: ${close.fields.replyText}`,
      looksLike: 'acks-elsewhere',
      show: [event, astray, close],
      wrong: { event: astray, instead: 'an ack on the channel that the event arrived on' },
    }
  }
  const consume = consumeOf(recording, service)
  const isBound = first && ![first, ...more].every(isOther)
  return {
    seen,
    looksLike: !first
      ? 'not-bound'
      : isBound
        ? undefined
        : isSameWord(first.fields.routingKey, pattern)
          ? 'changes-the-case'
          : 'ignores-the-pattern',
    show: [consume, first, event, close],
    wrong:
      isBound || close
        ? undefined
        : {
            event: first ?? consume,
            instead: first ? `routingKey '${pattern}'` : `queue.bind first, with the routingKey '${pattern}'`,
          },
  }
}

/** The ack of a tag that its channel has never had, for which the broker closed it. */
function ackElsewhere(recording: Recording, close: FrameEvent): FrameEvent | undefined {
  const { deliveries, settlements } = tasks(recording)
  const ack = settlements.findLast(
    ({ frame }) => frame.connection === close.connection && isBefore(recording, frame, close),
  )
  const isOwn = ({ connection, deliveryTag }: Delivery) => {
    return connection === close.connection && deliveryTag === ack?.deliveryTag
  }
  return close.from === 'broker' && ack && !deliveries.some(isOwn) ? ack.frame : undefined
}

/** An event whose handler rejected in one service came a second time to another one. */
export function toldOthersAgain(recording: Recording): Shortfall | undefined {
  const look = contents(recording).find(({ queue }) => queue === BYSTANDER)
  const count = look?.tasks.filter((task) => isJsonOf(task, FAILING)).length ?? 0
  if (count < 2) return undefined
  const [, again] = tasks(recording)
    .ofType(FAILS)
    .copies.filter(({ exchange }) => exchange === SHOP)
  const declare = frames(recording, 'queue.declare').find(
    ({ fields }) => Object(fields.arguments)['x-dead-letter-exchange'] === SHOP,
  )
  const culprit = again?.frame ?? declare
  return {
    seen: `In the 'mail' service, the handler for '${FAILS}' rejected. Another service that had subscribed to that event received it ${times(count, 'time')}.`,
    looksLike: 'tells-all-again',
    show: [tasks(recording).ofType(FAILS).attempts[0]?.event, culprit, look?.event],
    wrong: { event: culprit, instead: "the event goes back only to your service's own queue" },
  }
}

/** An event came to a service, and its handler was called with another type. */
function calledOtherwise(service: string, delivery: Delivery, event: RecordedEvent, task: string): Shortfall {
  const type = typeOf(delivery)
  return {
    seen: `'${type}' was delivered to the '${service}' service, but your code called the handler with '${task}' as the type.`,
    looksLike: isSameWord(type, task) ? 'changes-the-case' : 'not-the-type',
    show: [delivery.frame, event],
    wrong: { event, instead: `'${type}', the routing key of the event` },
  }
}

/** Another service consumes from the same queue as this one. */
function oneQueue(
  recording: Recording,
  service: string,
  seen: string,
  show: (RecordedEvent | undefined)[],
): Shortfall | undefined {
  const own = consumeOf(recording, service)
  const other = Object.keys(SERVICES).find(
    (each) => each !== service && queueOf(recording, each) === own?.fields.queue && own,
  )
  if (!own || other === undefined) return undefined
  const both = inOrder(recording, [own, consumeOf(recording, other)])
  return {
    seen: `${seen} Both '${service}' and '${other}' consume from '${own.fields.queue}'.`,
    looksLike: 'one-queue-for-all',
    show: [...both, ...show],
    wrong: { event: both[1], instead: 'a separate queue for each service' },
  }
}

/** Of several instances of a service not exactly one was told, or a second one could not come. */
export function notToOneInstance(recording: Recording): Shortfall | undefined {
  const [first, again] = twiceDelivered(recording, INSTANCES) ?? []
  if (first && again) {
    const consumes = INSTANCES.flatMap((name) => consumeOf(recording, name) ?? [])
    const queue = consumes[0]?.fields.queue
    const other = consumes.find(({ fields }) => fields.queue !== queue)
    return {
      seen: `Three instances of the 'mail' service were running. '${typeOf(first)}' was delivered to ${first.connection === again.connection ? 'one of them twice' : 'two of them'}.`,
      looksLike: other && 'queue-of-the-instance',
      show: [...consumes, first.frame, again.frame],
      wrong: other && { event: other, instead: `queue '${queue}', like the first instance` },
    }
  }
  const refused = refusal(recording, 'subscribe')
  if (refused) {
    const alone = [...frames(recording, 'queue.declare'), ...frames(recording, 'basic.consume')].find(
      ({ fields }) => fields.exclusive === true,
    )
    return {
      seen: `${alone ? "A second instance of the 'mail' service started, but its call to subscribe()" : 'subscribe()'} rejected: ${said(refused)}`,
      looksLike: alone && 'wants-the-queue-alone',
      show: [alone, closing(recording), refused.event],
      wrong: alone && { event: alone, instead: 'without exclusive, because the queue is for all instances' },
    }
  }
  for (const service of ['mail', 'invoices']) {
    const missing = SHARED.find((type) => !isTold(recording, service, type))
    if (missing === undefined || !marked(recording, 'both were told')) continue
    const queue = queueOf(recording, 'mail 1')
    const isOne = queue !== undefined && queue === queueOf(recording, 'invoices')
    return {
      seen: `'${missing}' was published, but no instance of the '${service}' service received it.`,
      looksLike: isOne ? 'one-queue-for-all' : undefined,
      show: [tasks(recording).ofType(missing).copies[0]?.frame, awaited(recording)],
    }
  }
  return undefined
}
