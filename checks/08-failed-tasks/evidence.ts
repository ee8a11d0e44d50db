import {
  type Attempt,
  awaited,
  contents,
  declares,
  type FrameEvent,
  findings,
  outstanding,
  type ProcessEvent,
  type Published,
  placeIn,
  processes,
  type Recording,
  reached as reachedMark,
  type Shortfall,
  tasks,
  times,
} from '../../lab/check/evidence.ts'
import { closedBy, crashedBy, reachedBy } from '../shared/consumer.ts'
import type { Policy } from './driver.ts'
import { consumesTheDead, deadLettersToItself, goesRound, heldIn, takenForDone } from './queues.ts'
import { dead, QUEUE, SINGLE, TWINS } from './scenarios.ts'

/** The queues in which tasks are worked on. */
export const ENDS = [QUEUE, TWINS, SINGLE]
/** What Node says of `message.properties.headers['x-attempts']` where there are no headers. */
const READS_OF_NOTHING = /Cannot read properties of (undefined|null) \(reading '(?!content|fields|properties)/

/** As reachedMark(), but what a call rejected with, or a crash, says more than what was then awaited. */
export function reached(recording: Recording, mark: string): Shortfall | undefined {
  const short = reachedMark(recording, mark)
  if (!short) return undefined
  const by = reachedBy(recording, mark, ['declare', 'declareWorkQueues'], ['consume', 'consumeOrSetAside'])
  return by?.show ? by : (ended(recording) ?? short)
}

/** The process or its channel ended although nobody wanted that. */
function ended(recording: Recording): Shortfall | undefined {
  const [crash] = findings(recording)
  if (crash && READS_OF_NOTHING.test(crash.sentence)) {
    return {
      seen: `A task without headers failed. ${crash.sentence}`,
      looksLike: 'headers-may-be-missing',
      show: [tasks(recording).deliveries[0]?.frame, crash],
      wrong: { event: crash, instead: 'another attempt, because a task may come without headers' },
    }
  }
  const failed = tasks(recording).attempts.findLast(({ action }) => !['resolve', 'hold'].includes(action))
  if (!failed) return undefined
  const sentence = `The handler for '${failed.task}' failed`
  return crashedBy(recording, sentence, { show: failed.event }) ?? closedBy(recording, sentence, failed.event)
}

/** A task that always fails was not tried as often as it should be, or is not where it belongs then. */
export function triedOtherwise(
  recording: Recording,
  queue: string,
  task: string,
  policy: Policy,
): Shortfall | undefined {
  const { attempts } = tasks(recording).named(task)
  // What the restart has taken was there all the same.
  const aside = heldIn(recording, dead(queue))
  if (attempts.length > policy.maxAttempts) return triedTooOften(recording, queue, task, policy)
  if (aside && attempts.length === policy.maxAttempts) return undefined
  if (aside && attempts.length > 0) return triedTooRarely(recording, queue, task, policy)
  const refused = attempts.length === 0 ? reached(recording, 'waits') : undefined
  return refused ?? ended(recording) ?? notAside(recording, queue, task)
}

function triedTooOften(recording: Recording, queue: string, task: string, { maxAttempts }: Policy): Shortfall {
  const { attempts } = tasks(recording).named(task)
  const [last, extra] = attempts.slice(maxAttempts - 1)
  const aside = heldIn(recording, dead(queue))
  const turnedBack = tasks(recording).settlements.find(
    ({ kind, requeue, tags }) => kind !== 'ack' && !requeue && tags.length > 0,
  )
  const key = turnedBack && deadLettersToItself(recording, queue)
  const givenBack = tasks(recording)
    .named(task)
    .settlements.filter(({ requeue }) => requeue).length
  const isGivenBack = givenBack >= maxAttempts
  const between = whatMoved(recording, task, last, extra)
  const deaths = aside ? undefined : brokersCount(recording, task, maxAttempts)
  const count = attempts.length
  const often = count === maxAttempts + 1 ? `a ${count === 2 ? '2nd' : `${count}th`} time` : `${count} times`
  return {
    seen: `maxAttempts was ${maxAttempts}, but your service called the handler for '${task}' ${often}${aside ? ' before it set the task aside' : ', with no end in sight'}.${isGivenBack ? ` It requeued the task ${times(givenBack, 'time')}, and each time the broker delivered it again at once.` : key ? '' : (deaths?.seen ?? '')}`,
    looksLike:
      key && !isGivenBack
        ? 'keeps-its-key'
        : aside
          ? isGivenBack
            ? 'no-wait'
            : 'counts-wrong'
          : (deaths?.looksLike ?? 'tries-for-ever'),
    show: [last?.event, ...(key && !isGivenBack ? [key, turnedBack.frame] : [...between, aside]), extra?.event],
    wrong:
      key && !isGivenBack
        ? { event: key, instead: `a deadLetterRoutingKey: '${dead(queue)}'` }
        : {
            event: between.find(({ from }) => from === 'student') ?? extra?.event,
            instead: `no more attempts, because the task belongs in '${dead(queue)}' now`,
          },
  }
}

function triedTooRarely(recording: Recording, queue: string, task: string, { maxAttempts }: Policy): Shortfall {
  const { attempts, deliveries } = tasks(recording).named(task)
  const copy = copyTo(recording, dead(queue))
  return {
    seen: `maxAttempts was ${maxAttempts}, but your service set '${task}' aside after ${times(attempts.length, 'attempt')}.`,
    looksLike: deliveries[1]?.redelivered ? 'counts-redelivered' : 'counts-wrong',
    show: [...attempts.map(({ event }) => event), copy, heldIn(recording, dead(queue))],
    wrong: { event: copy, instead: `attempt ${attempts.length + 1}` },
  }
}

/** The first copy that went to this queue. */
export function copyTo(recording: Recording, queue: string): FrameEvent | undefined {
  return tasks(recording).published.find(({ routingKey }) => routingKey === queue)?.frame
}

/** What the broker's x-death said while a task was tried for ever, where the task carried no other count. */
function brokersCount(recording: Recording, task: string, maxAttempts: number) {
  const { copies, deliveries } = tasks(recording).named(task)
  const counts = deliveries
    .map(deathsOf)
    .filter((deaths) => deaths.length > 0)
    .map((deaths) => Math.max(...deaths.map(({ count }) => Number(count))))
  const latest = counts.at(-1)
  if (latest === undefined) return undefined
  const highest = `The highest \`count\` in x-death was ${counts.join(', then ')}.`
  if (copies.some((copy) => deathsOf(copy).length > 0 && hasNoHeaderOfItsOwn(copy)) && latest < maxAttempts) {
    return {
      looksLike: 'x-death-begins-anew',
      seen: ` The copies of the task carried the x-death header, but no header of your own. ${highest}`,
    }
  }
  if (copies.length > 0 || latest < maxAttempts) return undefined
  return {
    looksLike: 'x-death-not-read',
    seen: ` The broker, not your service, moved the task each time. ${highest}`,
  }
}

function deathsOf({ properties }: Pick<Published, 'properties'>): { count?: unknown }[] {
  const deaths: unknown = Object(properties.headers)['x-death']
  return Array.isArray(deaths) ? deaths : []
}

/** Nothing but what the broker has put there. */
function hasNoHeaderOfItsOwn({ properties }: Published): boolean {
  return Object.keys(Object(properties.headers)).every((name) => /^x-(first-|last-)?death/.test(name))
}

/** The frames that moved a task between two attempts. */
export function whatMoved(
  recording: Recording,
  task: string,
  from: Attempt | undefined,
  to: Attempt | undefined,
): FrameEvent[] {
  const { attempts, deliveries, copies, settlements } = tasks(recording).named(task)
  const [began, end] = [from, to].map((each) => (each ? placeIn(recording, each.event) : -1)) as [number, number]
  // What the process tells may come behind the frames that it sent later: an attempt begins with its delivery.
  const delivery = deliveries[attempts.findIndex(({ event }) => event === from?.event)]
  const start = delivery ? Math.min(began, placeIn(recording, delivery.frame)) : began
  return [...deliveries, ...copies, ...settlements]
    .map(({ frame }) => frame)
    .filter((frame) => placeIn(recording, frame) > start && placeIn(recording, frame) < end)
    .sort((one, other) => placeIn(recording, one) - placeIn(recording, other))
}

/** It was tried, but neither tried again nor set aside. */
function notAside(recording: Recording, queue: string, task: string): Shortfall | undefined {
  const last = tasks(recording).named(task).attempts.at(-1)
  if (!last) return reached(recording, 'all settled') ?? reached(recording, 'waits')
  const count = tasks(recording).named(task).attempts.length
  const called = `Your service called the handler for '${task}' ${times(count, 'time')}, and it failed${count === 1 ? '' : ' each time'}.`
  const round = goesRound(recording, task, ENDS)
  if (round) {
    return {
      seen: `${called} Then the task was moved to '${round.queue.fields.queue}', but that queue has no deadLetterRoutingKey, so the task never returned to '${queue}'.`,
      looksLike: 'keeps-its-key',
      show: [round.queue, last.event, round.by, awaited(recording)],
      wrong: { event: round.queue, instead: `a deadLetterRoutingKey: '${queue}'` },
    }
  }
  const eats = consumesTheDead(recording)
  const aside = copyTo(recording, dead(queue))
  if (eats) {
    const seen = `${called} Then the task was set aside in '${dead(queue)}', but your service also consumes from that queue.`
    return {
      seen,
      looksLike: 'consumes-the-dead',
      show: [eats, last.event, aside],
      wrong: { event: eats, instead: 'no consumer, so that the tasks stay there' },
    }
  }
  const others = declares(recording).filter(({ fields }) => fields.queue !== queue)
  const isMissing = !declares(recording).some(({ fields }) => fields.queue === dead(queue))
  const elsewhere = contents(recording).find((look) => look.queue !== queue && look.tasks.includes(task))
  const held = outstanding(recording).left.find(({ body }) => body === task)
  const dropped = tasks(recording).settlements.find(
    ({ kind, requeue, tags }) => kind !== 'ack' && !requeue && tags.length > 0,
  )
  const isOther = isMissing && others.length > 0
  const unread = elsewhere ? undefined : readsWithoutHeaders(recording)
  const isBare = takenForDone(recording, task)
  return {
    seen: `${called} After that, your service never called it again, and the task never arrived in '${dead(queue)}'${isMissing ? ', which your service had never declared' : ''}.${isBare ? " The last time, it had rejected with ''." : ''}${unread ? ` The task has no headers. Your service printed: ${unread.text?.trim()}` : ''}`,
    looksLike: unread
      ? 'headers-may-be-missing'
      : isBare
        ? 'expects-an-error'
        : isOther
          ? 'other-name'
          : elsewhere
            ? undefined
            : held
              ? 'keeps-failed'
              : dropped && 'drops-failed',
    show: [
      isMissing ? others.at(-1) : undefined,
      last.event,
      unread,
      held?.frame ?? dropped?.frame,
      elsewhere?.event,
      awaited(recording),
    ],
    wrong:
      dropped && !held ? { event: dropped.frame, instead: `a copy in '${dead(queue)}', and then an ack` } : undefined,
  }
}

/** What the process printed when it read a property of headers that are not there. */
export function readsWithoutHeaders(recording: Recording): ProcessEvent | undefined {
  return [...processes(recording, 'stderr'), ...processes(recording, 'stdout')].find(({ text }) =>
    READS_OF_NOTHING.test(text ?? ''),
  )
}
