import {
  awaited,
  calls,
  type FrameEvent,
  findings,
  first,
  frame,
  frames,
  isBefore,
  markOf,
  type Outcome,
  outcomeOf,
  type Published,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  said,
  settled,
  tasks,
  told,
} from '../../lab/check/evidence.ts'
import { type Message, messages } from '../../lab/recording/messages.ts'
import { bare } from '../shared/consumer.ts'
import { MOMENTS_MS, QUEUE, TASKS } from './scenarios.ts'

/** A call of publish(): its message, what the broker answered, and how it ended. */
export interface Call {
  queue: string
  task: string
  event: RecordedEvent
  /** None while it is pending. */
  outcome: Outcome | undefined
  message: Published | undefined
  /** The message came back. */
  returned: FrameEvent | undefined
}

export function publishes(recording: Recording): Call[] {
  const returns = messages(recording, 'broker', ['basic.return'])
  return calls(recording, 'publish').map((event) => {
    const [queue, task] = [String(event.args.queue), String(event.args.task)]
    const isOf = ({ frame, body }: Message) => frame.fields.routingKey === queue && body === task
    const message = tasks(recording).published.find(isOf)
    return { queue, task, event, outcome: outcomeOf(recording, event), message, returned: returns.find(isOf)?.frame }
  })
}

/** The ack of this message, as it reached the student's service: its tag is the message's number on the channel. */
export function ackOf(recording: Recording, { frame, connection, channel }: Published): FrameEvent | undefined {
  const isHere = (at: FrameEvent | Published) => at.connection === connection && at.channel === channel
  const here = tasks(recording).published.filter(isHere)
  const tag = here.findIndex((each) => each.frame === frame) + 1
  return answers(recording, 'basic.ack').find((ack) => {
    const { deliveryTag, multiple } = ack.fields
    return isHere(ack) && (deliveryTag === tag || (multiple === true && Number(deliveryTag) > tag))
  })
}

/** What has reached the student's service of the broker's answers of this kind. */
export function answers(recording: Recording, method: string): FrameEvent[] {
  return frames(recording, method).filter(({ held }) => !held)
}

/** The process ended; `what` says what had happened before. */
export function crashed(recording: Recording, what?: string): Shortfall | undefined {
  const [crash] = findings(recording)
  if (!crash) return undefined
  return {
    seen: what === undefined ? crash.sentence : `${what}. ${crash.sentence}`,
    looksLike: crash.id === 'unhandled-rejection' ? 'floating-promise' : undefined,
    show: [crash],
  }
}

/** publish() threw where it has to reject; `what` says when. */
export function threw(recording: Recording, what: string): Shortfall | undefined {
  const [event] = told(recording, 'threw')
  if (!event) return undefined
  return {
    seen: `${what}. publish() threw instead of returning a promise that rejects: ${said(event.data)}`,
    looksLike: 'throws',
    show: [event],
    instead: 'a promise that rejects, because a caller that uses .catch() does not see a throw',
  }
}

export function whatItDid({ outcome }: Call): string {
  return outcome ? 'Even so, publish() resolved.' : `${MOMENTS_MS / 1000} s later, publish() was still pending.`
}

/** A call did not wait for the broker's ack, or did not hear it. */
export function deafToAcks(recording: Recording): Shortfall | undefined {
  const [task = ''] = TASKS
  const { event, outcome } = publishes(recording).find((each) => each.task === task) ?? {}
  const mark = markOf(recording, 'the ack was kept back')
  const ack = frame(recording, 'basic.ack')
  const both = [frame(recording, 'basic.publish'), ack]
  const isEarly = outcome && mark && isBefore(recording, outcome.event, mark)
  if (isEarly && outcome.ok) {
    return {
      seen: "The lab held back the broker's ack, but publish() resolved anyway.",
      looksLike: 'does-not-wait',
      show: [event, ...both, outcome.event],
      wrong: { event: outcome.event, instead: 'a pending promise, because the broker has not confirmed the task yet' },
    }
  }
  const elsewhere = tasks(recording).published.find(isElsewhere)
  if (isEarly && elsewhere) return sentElsewhere(elsewhere)
  if (isEarly) {
    return {
      seen: `While the lab held back the broker's ack, publish() rejected: ${said(outcome)}`,
      show: [...both, outcome.event],
    }
  }
  if (event && !outcome && mark) {
    const released = recording.events.find((event) => event.kind === 'fault' && event.name === 'hold' && !event.on)
    const given = told(recording, 'given').at(-1)
    const isDeaf = given !== undefined && given.data.withoutCallback > 0
    const but = isDeaf ? ' Your service passed no callback to amqplib.' : ''
    return {
      seen: `${MOMENTS_MS / 1000} s after the broker's ack arrived, publish() was still pending.${but}`,
      looksLike: ack && (isDeaf ? 'no-callback' : 'never-settles'),
      show: [...both, released, awaited(recording)],
    }
  }
  if (outcome?.ok) return reached(recording, 'the ack was kept back')
  if (elsewhere) return sentElsewhere(elsewhere)
  if (outcome && ack) {
    return { seen: `The broker sent an ack, but publish() rejected: ${said(outcome)}`, show: [...both, outcome.event] }
  }
  return notPublished(recording, task) ?? reached(recording, 'published')
}

/** A call stopped waiting for the ack, and resolved all the same; that it rejects is its own business. */
export function resolvedByTimer(recording: Recording): Shortfall | undefined {
  const [call] = publishes(recording)
  if (!call?.outcome?.ok) return reached(recording, 'half a minute went by')
  const { event, outcome, message } = call
  return {
    seen: "The lab held back the broker's ack and sped up the clock of your process. Some time later, publish() resolved without the ack.",
    looksLike: 'resolves-by-timer',
    show: [event, message?.frame, frame(recording, 'basic.ack'), outcome.event],
    wrong: { event: outcome.event, instead: 'pending or rejected, because the broker has not confirmed the task' },
  }
}

/** A task came to the broker as something else, elsewhere, not persistent, or not at all. */
export function publishedOtherwise(recording: Recording): Shortfall | undefined {
  const { published } = tasks(recording)
  const inItsPlace = published.length === TASKS.length ? published : []
  const wrong = first([...TASKS.entries()], ([index, task]) => {
    const message = published.find(({ body }) => body === task) ?? inItsPlace[index]
    return message && wronglyPublished(message, task)
  })
  if (wrong) return wrong
  const missing = TASKS.find((task) => !published.some(({ body }) => body === task))
  return missing === undefined ? undefined : (notPublished(recording, missing) ?? reached(recording, 'published'))
}

function wronglyPublished(message: Published, task: string): Shortfall | undefined {
  const { persistent, body, frame, properties } = message
  if (isElsewhere(message)) return sentElsewhere(message)
  if (body !== task) {
    return {
      seen: `The task was '${task}', but the body of your message, decoded as UTF-8, was '${body}'.`,
      looksLike:
        bare(body) === bare(task) ? 'changes-the-text' : body.includes(task) ? 'wraps-the-task' : 'wrong-encoding',
      show: [frame],
    }
  }
  if (persistent) return undefined
  return {
    seen: `Your service published the task with deliveryMode ${properties.deliveryMode ?? 'unset'}, so the message wasn't persistent.`,
    looksLike: 'not-persistent',
    show: [frame],
    wrong: { event: frame, instead: 'persistent: deliveryMode 2' },
  }
}

function isElsewhere({ exchange, routingKey }: Published): boolean {
  return exchange !== '' || routingKey !== QUEUE
}

function sentElsewhere({ exchange, routingKey, frame }: Published): Shortfall {
  return {
    seen: `Your service published the task to the exchange '${exchange}' with the routing key '${routingKey}'.`,
    looksLike: 'other-exchange',
    show: [frame],
    wrong: { event: frame, instead: `the exchange '' and the routing key '${QUEUE}'` },
  }
}

/** The task never came to the broker. */
function notPublished(recording: Recording, task: string): Shortfall | undefined {
  const crash = crashed(recording)
  if (crash) return crash
  const opened = settled(recording, 'open')
  if (opened?.ok === false) {
    return { seen: `createPublisher() failed: ${opened.error?.message}`, show: [opened.event] }
  }
  const { event, outcome } = publishes(recording).find((each) => each.task === task) ?? {}
  if (!event || tasks(recording).published.some(({ body }) => body === task)) return undefined
  const error = outcome?.ok === false ? ` publish() rejected: ${said(outcome)}` : ''
  return {
    seen: `The lab called publish('${QUEUE}', '${task}'), but the broker never received that task.${error}`,
    show: [event, outcome?.event],
  }
}
