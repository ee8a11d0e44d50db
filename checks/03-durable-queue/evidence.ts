import * as v from 'valibot'
import {
  atBroker,
  calls,
  declares,
  type Events,
  type FrameEvent,
  findings,
  frames,
  limitsOfQueues,
  marked,
  markOf,
  published,
  type QueueLimit,
  type RecordedEvent,
  type Recording,
  reached,
  returned,
  type Shortfall,
  said,
  settled,
  since,
  times,
  told,
  until,
} from '../../lab/check/evidence.ts'
import { died } from '../shared/process.ts'
import { DECLARE_MS, look, QUEUE, ROOM, TASKS } from './scenarios.ts'

/** Nobody can say that tasks with a limit beyond this are lost in an outage. */
const LONG_OUTAGE_MS = 3_600_000
/** Nor that so many will ever wait. */
const MANY = 1_000_000

/** What the driver tells of what the exercise returned. */
const Returned = v.object({ what: v.optional(v.string()), reply: v.optional(v.record(v.string(), v.unknown())) })

/** What the broker said of the queue last before the scenario came to `mark`. */
function held(recording: Recording, mark: string) {
  return atBroker(until(recording, markOf(recording, mark)), 'queue').at(-1)
}

/** The service's own queue.declare: for the queue that was asked for, where there is one. */
function declaration(recording: Recording): FrameEvent | undefined {
  const all = declares(recording)
  return all.findLast(({ fields }) => fields.queue === QUEUE) ?? all.at(-1)
}

/** It declared queues, but none of the name that was asked for. */
function otherQueue(recording: Recording): FrameEvent | undefined {
  const all = declares(recording)
  return all.some(({ fields }) => fields.queue === QUEUE) ? undefined : all[0]
}

/** The queue can't be used: the first call rejected although nothing was in its way, or the queue is not there. */
export function unusable(recording: Recording, mark: string): Shortfall | undefined {
  const found = held(recording, mark)
  const instead = otherQueue(recording)
  const refused = rejected(recording)
  if (refused || !found || found.data.exists) return refused ?? reached(recording, mark)
  const declared = instead ? `. Your service declared '${instead.fields.queue}' instead` : ''
  return {
    seen: `declareTaskQueue() resolved, but the queue '${QUEUE}' doesn't exist${declared}.`,
    looksLike: instead && 'other-queue',
    show: [instead, found],
    wrong: instead && { event: instead, instead: `queue.declare for '${QUEUE}'` },
  }
}

/** The first call rejected, although nothing was in its way. */
export function rejected(recording: Recording): Shortfall | undefined {
  const call = settled(recording, 'declare')
  if (!call || call.ok) return undefined
  const [sent] = frames(recording, 'queue.declare')
  const passive = declares(recording).length === 0 ? sent : undefined
  return {
    seen: `The queue '${QUEUE}' didn't exist yet, but declareTaskQueue() rejected: ${said(call)}`,
    looksLike: passive && 'only-looks',
    show: [sent, refusalOf(recording), call.event],
    wrong: passive && { event: passive, instead: 'queue.declare without passive, which creates the queue' },
  }
}

function refusalOf(recording: Recording): FrameEvent | undefined {
  return frames(recording, 'channel.close', 'connection.close').find(({ from }) => from === 'broker')
}

/** Tasks go at this limit: in a long outage, or where many wait. Whoever is refused when the queue is full keeps his own. */
function losesTasks({ argument, value, declare }: QueueLimit): boolean {
  if (!argument.startsWith('x-max')) return value < LONG_OUTAGE_MS
  const isRefused = String(Object(declare.fields.arguments)['x-overflow']).startsWith('reject-publish')
  return !isRefused && value < (argument === 'x-max-length' ? MANY : MANY * 1000)
}

/** The queue, or tasks in it, did not outlive the broker's restart. */
export function lostInARestart(recording: Recording): Shortfall | undefined {
  const frame = declaration(recording)
  const { durable, exclusive } = frame?.fields ?? {}
  const limit = limitsOfQueues(recording).find(losesTasks)
  if (limit) {
    const { declare, argument, value, does } = limit
    return {
      seen: `Your service declared the queue with ${argument} set to ${value}: ${does}.`,
      looksLike: argument.startsWith('x-max') ? 'has-little-room' : 'has-a-deadline',
      show: [declare],
      wrong: { event: declare, instead: `without ${argument}` },
    }
  }
  const before = held(recording, 'filled')
  const after = held(recording, 'restarted')
  const [restarted] = atBroker(recording, 'restarted')
  if (!before || !after) return reached(recording, 'restarted')
  if (!after.data.exists) {
    return {
      seen: `After the broker restarted, the queue '${QUEUE}' was gone, and so were its tasks. Your service had declared the queue with durable: ${durable} and exclusive: ${exclusive}.`,
      looksLike: exclusive ? 'exclusive' : durable ? undefined : 'not-durable',
      show: [frame, restarted, after],
      wrong: { event: frame, instead: 'durable and not exclusive, so that the queue survives a restart' },
    }
  }
  if (after.data.messages >= before.data.messages && after.data.messages > 0) return undefined
  const counts = `There were ${before.data.messages} before the restart, and ${after.data.messages} after it`
  const seen = `The lab put ${times(TASKS.length, 'persistent task')} into the queue. ${counts}.`
  return { seen, show: [frame, before, restarted, after] }
}

/** The queue was gone with its consumer. */
export function goneWithItsConsumer(recording: Recording): Shortfall | undefined {
  const after = held(recording, 'consumer left')
  if (!after || after.data.exists) return undefined
  const left = frames(until(recording, after), 'basic.cancel-ok').at(-1)
  return goneWith("After the lab cancelled the queue's only consumer", recording, left, after)
}

/** The queue was gone with its connection, or nobody else can use it. */
export function goneWithItsConnection(recording: Recording): Shortfall | undefined {
  const after = held(recording, 'connection left')
  if (!after || (after.data.exists && !after.data.locked)) return undefined
  const [left] = frames(recording, 'connection.close')
  return goneWith('After the lab closed the connection that had declared the queue', recording, left, after)
}

function goneWith(when: string, recording: Recording, left: FrameEvent | undefined, after: RecordedEvent): Shortfall {
  const frame = declaration(recording)
  const { autoDelete, exclusive } = frame?.fields ?? {}
  return {
    seen: `${when}, the queue '${QUEUE}' was gone. Your service had declared it with autoDelete: ${autoDelete} and exclusive: ${exclusive}.`,
    looksLike: autoDelete ? 'auto-delete' : exclusive ? 'exclusive' : undefined,
    show: [frame, left, after],
    wrong: { event: frame, instead: 'neither autoDelete nor exclusive, because the queue belongs to nobody' },
  }
}

/** Declaring threw away the tasks that were in the queue. */
export function threwAway(recording: Recording): Shortfall | undefined {
  const filled = since(recording, atBroker(recording, 'published')[0])
  const thrown = frames(filled, 'queue.delete', 'queue.purge').find(({ fields }) => fields.queue === QUEUE)
  if (!thrown) return undefined
  const [reply] = frames(since(recording, thrown), `${thrown.method}-ok`)
  const count = Number(reply?.fields.messageCount ?? 0)
  return {
    seen: `There were tasks in the queue '${QUEUE}', but declareTaskQueue() sent ${thrown.method}.${count > 0 ? ` That removed ${times(count, 'task')}.` : ''}`,
    looksLike: 'starts-afresh',
    show: [thrown, reply],
    wrong: { event: thrown, instead: 'only queue.declare, because declaring a queue again changes nothing' },
  }
}

/** Declaring put a message in the queue, or took one out. */
export function meddled(recording: Recording): Shortfall | undefined {
  const [message] = published(recording)
  const own = until(recording, calls(recording, 'work')[0] ?? recording.events.at(-1))
  const taken = frames(own, 'basic.get', 'basic.consume')[0]
  if (!message && !taken) return undefined
  const instead = 'only queue.declare, because declaring a queue leaves its contents alone'
  const [looksLike, call] = ['meddles', 'In declareTaskQueue(), your code']
  if (!message) return { seen: `${call} sent ${taken?.method}.`, looksLike, show: [taken], instead }
  const { routingKey, exchange, body, frame } = message
  const where = exchange === '' ? `the queue '${routingKey}'` : `the exchange '${exchange}'`
  return { seen: `${call} published a message to ${where}: '${body}'.`, looksLike, show: [frame], instead }
}

/** Declared again, the queue held fewer tasks. */
export function heldFewer(recording: Recording): Shortfall | undefined {
  const [had, has] = countsOf(recording)
  if (!(has < had)) return undefined
  const seen = `The queue contained ${had} tasks. After the lab called declareTaskQueue() again, the queue contained ${has}.`
  return { seen, show: [look(recording, 'before'), look(recording, 'after')] }
}

function countsOf(recording: Events): [had: number, has: number] {
  const count = (name: string) => Number(look(recording, name)?.fields.messageCount)
  return [count('before'), count('after')]
}

/** A queue with other properties lost its tasks. */
export function emptiedAnother(recording: Recording): Shortfall | undefined {
  const left = held(recording, 'looked')
  if (!left || (left.data.exists && left.data.messages >= TASKS.length)) return undefined
  const after = `After declareTaskQueue(), ${left.data.exists ? `the queue contained ${left.data.messages}` : 'the queue was gone'}`
  const seen = `A queue '${QUEUE}' already existed, with different properties and ${TASKS.length} tasks. ${after}.`
  return { seen, show: [left] }
}

/** The tasks that the lab had put into the queue were never in it. */
export function neverHeld(recording: Recording): Shortfall | undefined {
  const [, has] = countsOf(recording)
  if (!marked(recording, 'declared again') || has === TASKS.length) return undefined
  return {
    seen: `The lab put ${TASKS.length} tasks into '${QUEUE}', but ${has ? `the queue contained ${has}` : "couldn't find them there"}.`,
    looksLike: otherQueue(recording) && 'other-queue',
    show: [declaration(recording), look(recording, 'before'), look(recording, 'after')],
  }
}

/** What the exercise returned is not the broker's reply. Between its two looks the lab called it, and nothing changed. */
export function otherReply(recording: Recording, when: '' | ', beside a worker'): Shortfall | undefined {
  const isBeside = when !== ''
  const call = settled(recording, 'declare', ({ channel, beside }) =>
    isBeside ? beside !== undefined : channel === 'second',
  )
  const before = look(recording, `before${when}`)
  const after = look(recording, `after${when}`)
  if (!call?.ok || !before || !after) return undefined
  const { what = 'an object without queue, messageCount and consumerCount', reply = {} } =
    returned(call, Returned) ?? {}
  // Whoever changed the queue by declaring it is told elsewhere: either count was right at its time.
  const right = (name: string) => reply[name] === before.fields[name] || reply[name] === after.fields[name]
  if (reply.queue === QUEUE && right('messageCount') && right('consumerCount')) return undefined
  const { messageCount, consumerCount } = before.fields
  const isEmpty = Object.keys(reply).length === 0
  return {
    seen: `The queue '${QUEUE}' had ${messageCount} ready tasks and ${times(Number(consumerCount), 'consumer')}, but declareTaskQueue() returned ${isEmpty ? what : JSON.stringify(reply)}.`,
    looksLike: Object.keys(reply).length < 3 ? 'reply-lost' : 'reply-made-up',
    show: [before, call.event],
    wrong: { event: call.event, instead: "the broker's reply: queue, messageCount and consumerCount" },
  }
}

/** It did not reject with the broker's error where the queue has other properties. */
export function tookAnother(recording: Recording): Shortfall | undefined {
  const call = settled(recording, 'declare')
  const refusal = refusalOf(recording)
  const was = `A queue '${QUEUE}' already existed, with x-max-length ${ROOM}.`
  if (!call) {
    const early = reached(recording, 'ready')
    if (early || !refusal) return early ?? reached(recording, 'answered')
    const refused = `${was} The broker refused with error ${refusal.fields.replyCode}`
    const looksLike = findings(recording)[0]?.id === 'exited' ? 'ends-the-process' : undefined
    const ended = died(recording, refused, {
      show: refusal,
      looksLike,
      instead: 'the call rejects, and the process keeps running',
    })
    if (ended) return ended
    const seen = `${refused}, but declareTaskQueue() was still pending ${DECLARE_MS / 1000} s later.`
    return { seen, show: [refusal], instead: 'the call rejects with this error' }
  }
  if (call.ok) {
    const asked = declaration(recording) ?? frames(recording, 'queue.declare')[0]
    return {
      seen: refusal
        ? `${was} The broker refused to declare it again with different properties, but declareTaskQueue() resolved.`
        : `${was} Even so, declareTaskQueue() resolved.`,
      looksLike: resolvedBecause(recording) ?? (refusal && 'swallows-refusal'),
      show: [asked, refusal, call.event],
      wrong: refusal
        ? { event: call.event, instead: "the call rejects with the broker's error" }
        : { event: asked, instead: 'queue.declare with the properties that the queue must have' },
    }
  }
  if (refusal && isBrokersError(recording, refusal)) return reached(recording, 'answered')
  return {
    seen: `${was} declareTaskQueue() rejected${refusal ? ", but not with the broker's error" : ''}: ${said(call)}`,
    looksLike: refusal && 'hides-refusal',
    show: [refusal, call.event],
    wrong: { event: call.event, instead: "the call rejects with the broker's own error" },
  }
}

function resolvedBecause(recording: Recording): string | undefined {
  if (otherQueue(recording)) return 'other-queue'
  if (frames(recording, 'queue.delete').some(({ fields }) => fields.queue === QUEUE)) return 'starts-afresh'
  return frames(recording, 'queue.declare').some(({ fields }) => fields.passive === true)
    ? 'takes-any-queue'
    : undefined
}

/** The error, or one that it carries as its cause, is the one that the broker sent. */
function isBrokersError(recording: Recording, { fields: { replyCode, replyText } }: FrameEvent): boolean {
  const errors = told(recording, 'rejected').flatMap(({ data }) => data.errors ?? [])
  const name = String(replyText).split(' ')[0] ?? ''
  return errors.some(
    ({ message, code }) =>
      code === replyCode ||
      new RegExp(`\\b${replyCode}\\b`).test(message) ||
      (name.length > 3 && message.replaceAll('-', '_').includes(name)),
  )
}
