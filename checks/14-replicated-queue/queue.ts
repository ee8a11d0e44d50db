import {
  atBroker,
  contents,
  declares,
  type FrameEvent,
  findings,
  frame,
  frames,
  lastAwaited,
  limitsOfQueues,
  marked,
  type Recording,
  reached,
  type Shortfall,
  said,
  settled,
  tcp,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { isBug } from '../shared/connecting.ts'
import { died } from '../shared/process.ts'
import { QUEUE } from './scenarios.ts'

/** What the exercise's queue is, and what it keeps. */

/** The first declaration of the queue. */
function declaration(recording: Recording): FrameEvent | undefined {
  return declares(recording).find(({ fields }) => fields.queue === QUEUE)
}

function argumentOf(declare: FrameEvent | undefined, name: string): unknown {
  return Object(declare?.fields.arguments)[name]
}

function typeOf(declare: FrameEvent | undefined): string | undefined {
  const type = argumentOf(declare, 'x-queue-type')
  return typeof type === 'string' ? type : undefined
}

/** The queue is no quorum queue, or could not be declared. */
export function otherQueue(recording: Recording): Shortfall | undefined {
  const first = declaration(recording)
  const type = typeOf(first)
  const answer = settled(recording, 'declare')
  if (first && type !== 'quorum') {
    const what = type ?? 'classic'
    const how = type === undefined ? "without a type, so it's a classic queue" : `with the type '${type}'`
    return {
      seen: `You declared the queue ${how}.`,
      looksLike: what === 'classic' ? 'classic-queue' : 'another-type',
      show: [first],
      instead: "arguments with 'x-queue-type': 'quorum'",
    }
  }
  if (answer && !answer.ok) {
    return {
      seen: `declareReplicatedQueue() rejected: ${said(answer)}`,
      looksLike: isBug(answer) ? undefined : 'not-for-quorum',
      show: [first, frame(recording, 'channel.close', 'broker')],
      wrong: { event: first, instead: 'durable, not exclusive, not auto-delete' },
    }
  }
  if (!answer || first) return reached(recording, 'declared')
  const seen = `declareReplicatedQueue() resolved, but you never declared the queue '${QUEUE}'.`
  return { seen, show: [answer.event] }
}

/** Confirmed tasks were not in the queue when it had been declared again. */
export function throwsTasksAway(recording: Recording): Shortfall | undefined {
  const missing = reached(recording, 'declared again')
  // What was refused holds nothing.
  if (missing || settled(recording, 'declare')?.ok === false) return missing
  const confirmed = told(recording, 'confirmed')
  if (confirmed.length === 0)
    return { seen: `The broker confirmed none of the tasks: ${said(settled(recording, 'publish') ?? {})}` }
  const [look] = contents(recording)
  const lost = confirmed.filter(({ data }) => !look?.tasks.includes(data.task)).length
  if (lost === 0) return undefined
  const throwing = frames(recording, 'queue.delete', 'queue.purge').at(-1)
  const left =
    lost === confirmed.length ? 'none of them were left' : `${lost} of them ${lost === 1 ? 'was' : 'were'} missing`
  const first = declaration(recording)
  return {
    seen: `The broker had confirmed ${times(confirmed.length, 'task')}. After the queue was declared again, ${left}.`,
    looksLike: 'throws-tasks-away',
    show: [first, confirmed.at(-1), throwing, look?.event],
    wrong: throwing
      ? { event: throwing, instead: 'only queue.declare, which changes nothing' }
      : { event: first, instead: 'no limit that makes the queue drop tasks' },
  }
}

/** Tasks would go by themselves in time: for their age, or because there are so many. */
export function dropsInTime(recording: Recording): Shortfall | undefined {
  const limit = limitsOfQueues(recording).find(({ queue, argument, declare }) => {
    // A queue that is full and takes nothing more confirms nothing more: what it has confirmed stays.
    const refuses = argument.startsWith('x-max-length') && argumentOf(declare, 'x-overflow') === 'reject-publish'
    return queue === QUEUE && !refuses
  })
  if (!limit) return undefined
  const { declare, argument, value, does } = limit
  return {
    seen: `You declared the queue with ${argument} set to ${value}: ${does}.`,
    looksLike: 'throws-tasks-away',
    show: [declare],
    wrong: { event: declare, instead: `without ${argument}` },
  }
}

/** The process ended when its connection was lost. */
export function diedOfLoss(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'the loss')) return undefined
  return died(recording, 'The connection was reset, as happens when a node is lost', {
    show: tcp(recording, 'reset')[0],
    looksLike: 'no-error-listener',
  })
}

/** With one node of three gone the work did not go on, or a confirmed task was not delivered. */
export function stopsWithItsNode(recording: Recording): Shortfall | undefined {
  const harm = recording.events.find((event) => event.kind === 'broker' && event.what.startsWith('node-'))
  const confirmed = told(recording, 'confirmed')
  const worked = new Set(told(recording, 'worked').map(({ data }) => data.task))
  const lost = confirmed.filter(({ data }) => !worked.has(data.task)).length
  if (marked(recording, 'all delivered') && confirmed.length > 0 && lost === 0) return undefined
  if (!harm || findings(recording).length > 0) {
    return reached(recording, 'all delivered') ?? { seen: 'The scenario ended before the lab could take a node down.' }
  }
  const gone = `One of three nodes was ${atBroker(recording, 'node-killed').length > 0 ? 'killed' : 'hanging'}`
  const failed = told(recording, 'settled').find(({ ms, data }) => ms >= harm.ms && !data.ok)
  const inVain = lastAwaited(recording)
  const waited = inVain
    ? `the lab waited ${inVain.limitMs / 1000} s in vain for ${inVain.what}`
    : 'nothing more happened'
  const first = declaration(recording)
  const isSmall = Number(argumentOf(first, 'x-quorum-initial-group-size') ?? 3) < 3
  return {
    seen:
      lost > 0 && marked(recording, 'published on')
        ? `${gone}. The broker had confirmed ${times(confirmed.length, 'task')}, but ${lost} of them never reached a consumer.`
        : `${gone}, and the work stopped: ${failed ? said(failed.data) : waited}.`,
    looksLike: typeOf(first) !== 'quorum' ? 'classic-queue' : isSmall ? 'too-few-copies' : undefined,
    show: [first, harm, failed ?? inVain],
    wrong: isSmall ? { event: first, instead: 'no x-quorum-initial-group-size, or at least 3' } : undefined,
  }
}
