import {
  awaited,
  closed,
  closing,
  contents,
  declares,
  frames,
  isBefore,
  marked,
  markOf,
  notReached,
  type Recording,
  reached,
  type Shortfall,
  said,
  tasks,
  tcp,
} from '../../lab/check/evidence.ts'
import { ackOf, answers, type Call, crashed, publishes, threw, whatItDid } from './evidence.ts'
import { AFRESH, FULL, IN_TIME, LATE, LATECOMER, MISSING, MOMENTS_MS, QUEUE, TOO_EARLY } from './scenarios.ts'

/** Of two calls for the full queue: who tries a task a few times gives up after that. */
const TRIES = 15
const NO_QUEUE = "no declaration, because a publisher shouldn't create queues"
const GOOD = 'the call resolves, because nothing is wrong with its task'

/** Which call an answer of the broker belongs to, and what becomes of those that get none. */

/** Not every call for this queue has rejected; `tell` says it of the first that has not. */
function notRefused(
  recording: Recording,
  queue: string,
  tell: (call: Call) => Shortfall | undefined,
): Shortfall | undefined {
  const its = publishes(recording).filter((call) => call.queue === queue)
  const other = its.find(({ outcome }) => outcome?.ok !== false)
  const crash = crashed(recording) ?? threw(recording, 'Some queues were full or missing') ?? strayed(recording, its)
  if (crash) return crash
  if (other && (other.outcome || marked(recording, 'answered'))) return tell(other)
  return its.length === 0 || other ? reached(recording, 'answered') : undefined
}

/** A call ended, and its task had gone to another queue. */
function strayed(recording: Recording, calls: Call[]): Shortfall | undefined {
  const sent = ({ task }: Call) => tasks(recording).published.filter(({ body }) => body === task)
  const stray = calls.find((call) => call.outcome?.ok && !call.message && sent(call).length > 0)
  if (!stray) return undefined
  const { frame, routingKey } = sent(stray)[0] ?? {}
  return {
    seen: `publish('${stray.queue}', '${stray.task}') resolved, but your service published the task to '${routingKey}' instead.`,
    looksLike: 'mixes-up-calls',
    show: [stray.event, frame],
    wrong: { event: frame, instead: `the routing key '${stray.queue}'` },
  }
}

/** A call did not reject although the queue was full. */
export function deafToNacks(recording: Recording): Shortfall | undefined {
  return notRefused(recording, FULL, (call) => {
    const [nack, ...more] = answers(recording, 'basic.nack')
    const end = call.outcome?.event
    const isSentAgain = tasks(recording).published.filter(({ routingKey }) => routingKey === FULL).length > TRIES
    if (!end && isSentAgain) {
      return {
        seen: `The queue '${FULL}' was full, so the broker refused '${call.task}' with a nack. Your service kept publishing it, and ${MOMENTS_MS / 1000} s later publish() was still pending.`,
        looksLike: 'never-gives-up',
        show: [call.message?.frame, nack, more.at(-1), awaited(recording)],
        instead: 'a rejection, because the queue may be full for hours, and the caller has to know',
      }
    }
    return {
      seen: `The queue '${FULL}' was full, so the broker refused '${call.task}' with a nack. ${whatItDid(call)}`,
      looksLike: nack && (end ? 'ignores-nacks' : 'never-settles'),
      show: [call.message?.frame, nack, end ?? awaited(recording)],
      wrong: { event: end, instead: 'a rejection, because the broker has not accepted the task' },
    }
  })
}

/** A call did not reject although there was no such queue. */
export function deafToReturns(recording: Recording): Shortfall | undefined {
  return notRefused(recording, MISSING, (call) => {
    const { message, returned } = call
    const declare = declares(recording).find(({ fields }) => fields.queue === MISSING)
    const end = call.outcome?.event
    const ack = message && ackOf(recording, message)
    const short = {
      seen:
        declare && end
          ? `There was no queue called '${MISSING}' until your service declared it, so publish() resolved.`
          : `There was no queue called '${MISSING}' for '${call.task}'. ${whatItDid(call)}`,
      show: [declare, message?.frame, returned, ack, end ?? awaited(recording)],
    }
    if (declare) {
      return { ...short, looksLike: 'declares-the-queue', wrong: { event: declare, instead: NO_QUEUE } }
    }
    if (message && !message.mandatory) {
      const instead = 'mandatory, so that the broker returns a task that it cannot route'
      return { ...short, looksLike: 'not-mandatory', wrong: { event: message.frame, instead } }
    }
    // The return was heard, and failed another call: whose answer it is, is the next step's business.
    const another = publishes(recording).some(({ queue, outcome }) => queue === QUEUE && outcome?.ok === false)
    if (end && returned && another) return undefined
    return {
      ...short,
      looksLike: end ? returned && 'ignores-returns' : 'never-settles',
      wrong: { event: end, instead: 'a rejection, because the broker has returned the task' },
    }
  })
}

/** A call got the answer to another, or none. */
export function mixedUp(recording: Recording): Shortfall | undefined {
  // Both are told where a call had to reject.
  if (crashed(recording)) return notReached('your process had ended')
  const refused = publishes(recording).filter(({ queue }) => queue === FULL || queue === MISSING)
  if (strayed(recording, refused)) return notReached("a task had been published to another call's queue")
  const [declared] = declares(recording)
  const close = closing(recording)
  const asked = frames(recording, 'queue.declare').find(
    ({ fields }) => fields.queue === MISSING && fields.passive === true,
  )
  if (close && asked && !declared) {
    return {
      seen: `Your service checked whether a queue called '${MISSING}' existed. ${closed(close)}`,
      looksLike: 'asks-for-the-queue',
      show: [asked, close],
      wrong: { event: asked, instead: 'no such check, because the other calls need the channel' },
    }
  }
  if (close) {
    return {
      seen: closed(close),
      looksLike: declared ? 'declares-the-queue' : close.from === 'student' ? 'closes-channel' : undefined,
      show: [declared, answers(recording, 'basic.nack')[0], close],
      wrong: { event: declared ?? close, instead: declared ? NO_QUEUE : 'the channel stays open for the other calls' },
    }
  }
  const all = publishes(recording)
  const good = all.filter(({ queue, task }) => queue === QUEUE || task === IN_TIME)
  const resolved = all.filter((call) => !good.includes(call) && call.outcome?.ok)
  const failed = good.find(({ outcome }) => outcome?.ok === false)
  if (failed?.outcome && failed.queue === LATECOMER) return keptMissing(all, failed)
  if (failed?.outcome) {
    const one = resolved.find(({ task }) => task === failed.task) ?? resolved[0]
    const isLater = isBefore(recording, markOf(recording, 'answered'), failed.event)
    if (isLater) {
      const before = all.findLast(({ queue, event }) => queue !== QUEUE && isBefore(recording, event, failed.event))
      const then = failed.message
        ? `Then it accepted '${failed.task}' for '${QUEUE}', but publish() rejected`
        : `Then the lab called publish('${QUEUE}', '${failed.task}'), which rejected without publishing the task`
      return {
        seen: `The broker responded to the tasks for '${MISSING}' and '${FULL}'. ${then}: ${said(failed.outcome)}`,
        looksLike: 'fails-later-ones',
        show: [before?.outcome?.event, failed.event, failed.message?.frame, failed.outcome.event],
        wrong: { event: failed.outcome.event, instead: GOOD },
      }
    }
    const its = one
      ? [one.message?.frame, one.returned, one.outcome?.event]
      : ['basic.return', 'basic.nack'].map((method) => answers(recording, method)[0])
    const fine = `${failed.message ? 'The broker accepted' : 'Nothing was wrong with'} '${failed.task}' for '${QUEUE}'`
    const instead = one && `The call that published '${one.task}' to '${one.queue}' resolved instead`
    return {
      seen: one
        ? `${fine}, but that call rejected. ${instead}, although no queue accepted its task. The error was: ${said(failed.outcome)}`
        : `${fine}, but publish() rejected: ${said(failed.outcome)}`,
      looksLike: one ? 'mixes-up-answers' : 'fails-neighbours',
      show: [failed.message?.frame, ...its, failed.outcome.event],
      wrong: { event: failed.outcome.event, instead: GOOD },
    }
  }
  const pending = good.find(({ outcome }) => outcome === undefined)
  if (pending && marked(recording, 'answered')) {
    const before = pending.message
      ? `The broker accepted '${pending.task}' for '${pending.queue}', but`
      : `Your service never published '${pending.task}' to '${pending.queue}', and`
    return {
      seen: `${before} ${MOMENTS_MS / 1000} s later publish() was still pending.`,
      looksLike: 'never-settles',
      show: [pending.message?.frame, awaited(recording)],
    }
  }
  const held = contents(recording).at(-1)
  const gone = good.find(
    ({ queue, task, outcome }) => outcome?.ok && queue === held?.queue && !held.tasks.includes(task),
  )
  if (gone) {
    return {
      seen: `publish('${QUEUE}', '${gone.task}') resolved, but the task wasn't in the queue afterwards.`,
      show: [gone.message?.frame, gone.outcome?.event, held?.event],
    }
  }
  const [through] = resolved
  if (through) {
    return {
      seen: `The task '${through.task}' never made it into the queue '${through.queue}', but publish() resolved.`,
      show: [through.message?.frame, through.outcome?.event],
    }
  }
  return reached(recording, 'answered later, too') ?? reached(recording, 'looked into the queue')
}

/** A queue that had been missing was there, and a call for it rejected. */
function keptMissing(all: Call[], { message, outcome }: Call): Shortfall {
  const early = all.find(({ task }) => task === TOO_EARLY)
  return {
    seen: `There was no queue called '${LATECOMER}', so the call for '${TOO_EARLY}' rejected. Then the lab declared the queue, but the call for '${IN_TIME}' rejected too: ${outcome && said(outcome)}`,
    looksLike: 'missing-for-ever',
    show: [early?.message?.frame, early?.returned, early?.outcome?.event, message?.frame, outcome?.event],
    wrong: { event: outcome?.event, instead: 'the call resolves, because the queue exists now' },
  }
}

/** A call did not reject although the connection was lost before its ack, or before the call. */
export function deafToTheLoss(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'waiting for the ack')) return reached(recording, 'waiting for the ack')
  const crash = crashed(recording, 'The connection was lost')
  if (crash) return crash
  const thrown = threw(recording, 'The lab called publish() after the connection was lost')
  if (thrown) return thrown
  const [loss] = tcp(recording, 'reset')
  for (const call of publishes(recording)) {
    const { outcome, task } = call
    if (outcome?.ok === false || task === AFRESH) continue
    if (!outcome && !marked(recording, task === LATE ? 'a late call' : 'after the loss')) continue
    const when =
      task === LATE
        ? 'The lab called publish() after the connection was lost'
        : 'The connection was lost before the ack arrived'
    const early = loss && isBefore(recording, outcome?.event, loss)
    return {
      seen: early
        ? "The lab held back the broker's ack, but publish() resolved anyway. Then the connection was lost."
        : `${when}. ${whatItDid(call)}`,
      looksLike: early ? 'does-not-wait' : outcome ? 'swallows-loss' : 'loss-not-heard',
      show: [call.message?.frame, loss, outcome?.event ?? awaited(recording)],
      wrong: {
        event: outcome?.event,
        instead: 'a rejection, because publish() cannot know whether the broker has the task',
      },
    }
  }
  return reached(recording, 'a late call')
}

/** A publisher on a new channel did not publish, after the channel of another one was lost. `first`: where none was. */
export function keptTheLoss(recording: Recording, first: Recording): Shortfall | undefined {
  if (!publishes(first).some(({ outcome }) => outcome?.ok))
    return notReached('publish() did not resolve on a first channel')
  const call = publishes(recording).find(({ task }) => task === AFRESH)
  // Whoever did not come so far is told of the loss itself.
  if (!call || call.outcome?.ok) return reached(recording, 'a call on a new channel')
  const [loss] = tcp(recording, 'reset')
  return {
    seen: `The connection was lost. Then the lab called createPublisher() with a new channel, which was open, and publish() on what it returned. ${call.outcome ? `publish() rejected: ${said(call.outcome)}` : whatItDid(call)}`,
    looksLike: 'one-for-all',
    show: [loss, call.event, call.message?.frame, call.outcome?.event ?? awaited(recording)],
    wrong: { event: call.outcome?.event, instead: 'success, because this publisher has another channel' },
  }
}
