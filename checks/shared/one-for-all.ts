import {
  closedBecause,
  closing,
  type Delivery,
  frames,
  isBefore,
  type Recording,
  type Settlement,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'

/** Several consumers in one process: each has a channel and a handler of its own. */

/** A delivery of one channel was answered on another. */
export function answeredElsewhere(recording: Recording): Shortfall | undefined {
  const { settlement, delivery } = onAnotherChannel(recording) ?? {}
  if (!settlement || !delivery) return undefined
  return {
    seen: `'${delivery.body}' was delivered on connection ${delivery.connection}. After its handler resolved, your service sent the ack on connection ${settlement.connection}, where it had started a second consumer.${closedBecause(recording)}`,
    looksLike: 'one-for-all',
    show: [delivery.frame, ...frames(recording, 'basic.consume'), settlement.frame, closing(recording)],
    wrong: { event: settlement.frame, instead: 'the ack on the channel that delivered the task' },
  }
}

/** An answer with the tag of a delivery whose handler had resolved, and that never got one on its own channel: both. */
function onAnotherChannel(recording: Recording): { settlement: Settlement; delivery: Delivery } | undefined {
  const all = tasks(recording)
  const working = (then: Settlement) => all.unfinished(undefined, then.frame).map(({ task }) => task)
  for (const settlement of all.settlements) {
    const [own] = all.covered(settlement)
    if (own && !working(settlement).includes(own.body)) continue
    const delivery = all.deliveries.find(
      (each) =>
        each.deliveryTag === settlement.deliveryTag &&
        each.connection !== settlement.connection &&
        isBefore(recording, each.frame, settlement.frame) &&
        all.named(each.body).succeededBefore(settlement.frame) &&
        !all.settlements.some((other) => all.covered(other).includes(each)),
    )
    if (delivery) return { settlement, delivery }
  }
  return undefined
}

/** A task of one consumer was given to the handler of another. */
export function handledElsewhere(recording: Recording): Shortfall | undefined {
  const { attempts, deliveries } = tasks(recording)
  const queueOf = (text: string) => deliveries.find(({ body }) => body === text)?.frame.fields.routingKey
  const wrong = attempts.find(({ task, queue }) => queue !== undefined && (queueOf(task) ?? queue) !== queue)
  if (!wrong) return undefined
  return {
    seen: `Your service started two consumers, each with a different handler. '${wrong.task}' came from '${queueOf(wrong.task)}', but your service passed it to the handler for '${wrong.queue}'.`,
    looksLike: 'one-for-all',
    show: [...frames(recording, 'basic.consume'), wrong.event],
    wrong: { event: wrong.event, instead: "the handler for the task's own queue" },
  }
}

/** An ack covers deliveries whose handlers still work. */
export function ackOfOthers(recording: Recording): Shortfall | undefined {
  const others = tasks(recording).ackOfOthers
  if (!others) return undefined
  const { settlement, own, also, working } = others
  const names = also.map(({ body }) => `'${body}'`).join(', ')
  const covered = also.length === 1 ? `${names}, whose handler was` : `${also.length} tasks whose handlers were`
  return {
    seen: `Your service acknowledged ${own ? `'${own.body}'` : 'everything'}, and with it ${covered} still working${also.length === 1 ? '' : `: ${names}`}.`,
    looksLike: 'acks-others',
    show: [working.frame, own?.frame, settlement.frame],
    wrong: { event: settlement.frame, instead: 'an ack with multiple false, which covers one task' },
  }
}
