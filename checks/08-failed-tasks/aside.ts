import {
  awaited,
  type Contents,
  contents,
  findings,
  marked,
  notReached,
  type Recording,
  type Shortfall,
  tasks,
  times,
} from '../../lab/check/evidence.ts'
import { copyTo, reached, readsWithoutHeaders } from './evidence.ts'
import { consumesTheDead, goesAstray, takenForDone } from './queues.ts'
import { dead, FAILS, GOOD, NAMELESS, ONCE, POLICY, QUEUE, TWIN, TWINS, TWINS_POLICY } from './scenarios.ts'
import { cameTooSoon } from './waits.ts'

/** What was set aside, and what is still in a queue, when the worker was gone. */

/** What was set aside is another task, or not out of its queue, or was never set aside at all. */
export function otherAside(recording: Recording): Shortfall | undefined {
  if (goesAstray(recording)) return notReached('tasks had ended up in the wrong queue')
  if (consumesTheDead(recording)) return notReached('your service had consumed what it had set aside')
  const aside = contentsOf(recording, dead(QUEUE))
  if (!aside?.tasks.length) return neverAside(recording)
  const changed = aside.tasks.find((task) => ![FAILS, ONCE, GOOD].includes(task))
  if (changed !== undefined) {
    const copy = tasks(recording).named(changed).copies[0]?.frame
    return {
      seen: `The task was '${FAILS}', but '${dead(QUEUE)}' contained '${changed}'.`,
      looksLike: 'other-bytes',
      show: [tasks(recording).named(FAILS).delivery?.frame, copy, aside.event],
      wrong: { event: copy, instead: 'message.content, unchanged' },
    }
  }
  if (!aside.tasks.includes(FAILS)) return neverAside(recording)
  const left = leftIn(recording, QUEUE, FAILS)
  if (!left) return undefined
  return {
    seen: `After the lab killed the worker, '${FAILS}' was in both '${dead(QUEUE)}' and '${left.queue}'.`,
    looksLike: 'stays-in-its-queue',
    show: [
      tasks(recording).named(FAILS).attempts.at(-1)?.event,
      tasks(recording).published.at(-1)?.frame,
      left.event,
      aside.event,
    ],
  }
}

/** Nothing was set aside, so nobody knows how that would be done. */
function neverAside(recording: Recording): Shortfall | undefined {
  const { attempts } = tasks(recording).named(FAILS)
  if (attempts.length === 0) return reached(recording, 'all settled')
  if (!marked(recording, 'looked into the queues')) return reached(recording, 'looked into the queues')
  // Where no task is tried again, or not later, two others say so.
  if (!tasks(recording).named(ONCE).isDone) return notReached('no task was retried')
  if (takenForDone(recording, FAILS)) return notReached('a failed task was taken for one that is done')
  if (cameTooSoon(recording, POLICY)) return notReached('the next attempt came too soon')
  return {
    seen: `'${FAILS}' never arrived in '${dead(QUEUE)}'.`,
    show: [attempts.at(-1)?.event, contentsOf(recording, dead(QUEUE))?.event],
  }
}

/** A task that was done in the end was set aside, or is still in a queue. */
export function doneButKept(recording: Recording, task: string): Shortfall | undefined {
  const { attempts, copies, isDone, delivery, acks } = tasks(recording).named(task)
  const aside = contentsOf(recording, dead(QUEUE))
  if (aside?.tasks.includes(task)) {
    const copy = copies.find(({ routingKey }) => routingKey === dead(QUEUE))?.frame
    const how = !isDone ? 'failed once' : attempts.length > 1 ? 'failed once and then succeeded' : 'succeeded'
    return {
      seen: `The handler for '${task}' ${how}, but the task ended up in '${dead(QUEUE)}'.`,
      looksLike: 'sets-aside-too-much',
      show: [attempts[0]?.event, copy, attempts[1]?.event, aside.event],
      wrong: { event: copy, instead: `only after attempt ${POLICY.maxAttempts}` },
    }
  }
  const left = leftIn(recording, QUEUE, task)
  if (!left || !isDone) return undefined
  return {
    seen: `The handler for '${task}' succeeded, but after the lab killed the worker, the task was still in '${left.queue}'.`,
    looksLike: left.queue === QUEUE && acks.length < attempts.length ? 'never-acks' : undefined,
    show: [delivery?.frame, attempts.at(-1)?.event, left.event],
  }
}

/** Two tasks shared their attempts: those with one text, or those without an ID. */
export function countedTogether(recording: Recording): Shortfall | undefined {
  if (goesAstray(recording)) return notReached('tasks had ended up in the wrong queue')
  const aside = contentsOf(recording, dead(TWINS))
  const everyFailure = contentsOf(recording, dead(QUEUE))?.tasks.includes(ONCE)
  if (!aside?.tasks.length || everyFailure) return undefined
  const copy = copyTo(recording, dead(TWINS))
  const byText = aside.tasks.includes(TWIN)
  const byId = aside.tasks.some((task) => NAMELESS.includes(task))
  const failed = byText ? [TWIN] : NAMELESS
  const which = byText
    ? `two '${TWIN}' tasks, with the IDs 'twin-1' and 'twin-2'`
    : `two tasks without an ID, '${NAMELESS.join("' and '")}'`
  return {
    seen: `There were ${which}. maxAttempts was ${TWINS_POLICY.maxAttempts}, but your service set aside ${aside.tasks.length === 1 ? 'one of them' : times(aside.tasks.length, 'task')} when each had failed only once.`,
    looksLike: byText && byId ? 'counts-together' : byText ? 'counts-by-text' : 'counts-by-id',
    show: [
      ...failed
        .flatMap((task) => tasks(recording).named(task).attempts)
        .slice(0, 2)
        .map(({ event }) => event),
      copy,
      aside.event,
    ],
    wrong: { event: copy, instead: 'a second attempt for each of them' },
  }
}

/** Instead of a tick where the scenario ended before all tasks were settled. */
export function notSettled(recording: Recording): Shortfall | undefined {
  if (marked(recording, 'all settled')) return undefined
  if (findings(recording).length > 0) return notReached('your process had ended')
  const vain = awaited(recording)
  return notReached(vain ? `the lab waited in vain for ${vain.what}` : 'the channel had been closed')
}

/** It failed once, and no handler was called with it again. */
export function neverAgain(recording: Recording, task: string): Shortfall | undefined {
  const [first] = tasks(recording).named(task).attempts
  const short = reached(recording, 'all settled')
  if (!first || short?.show) return short
  // That is told of the task that always fails.
  if (readsWithoutHeaders(recording)) return notReached('a task without headers was not retried')
  return {
    seen: `The handler for '${task}' failed once, and the task was never completed.`,
    show: [first.event, awaited(recording)],
  }
}

/** What the lab found in a queue when the worker was gone. */
function contentsOf(recording: Recording, queue: string): Contents | undefined {
  return contents(recording).find((look) => look.queue === queue)
}

/** Another queue than the dead one in which the task was found. */
function leftIn(recording: Recording, queue: string, task: string): Contents | undefined {
  return contents(recording).find((look) => look.queue !== dead(queue) && look.tasks.includes(task))
}
