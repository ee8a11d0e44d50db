import {
  awaited,
  isBefore,
  marked,
  markOf,
  type Recording,
  reached,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import { lookOf, missing } from '../shared/consumer.ts'
import { firstStop, stopRejected } from '../shared/service.ts'
import { endedTooEarly, stoppedTooEarly } from './evidence.ts'

/** A handler fails after stop() was called, and its task is left to the next worker. */

/** A handler failed: stop() rejected or did not wait for the others, or the task was lost. */
export function failureStoppedIt(recording: Recording, noneFails: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const { finishes } = tasks(recording)
  const attempts = tasks(recording).attempts.filter(({ student }) => student === 1)
  const failure = finishes[0]?.event
  // Whoever does not wait where all succeed, does not wait here either: that has nothing to do with the failure.
  const anyway = endedTooEarly(noneFails) ?? stoppedTooEarly(noneFails)
  const looksLike = anyway ? anyway.looksLike : 'failure-stops-the-stop'
  const rejected = stopRejected(recording, 'A handler rejected after stop() was called, and then stop()')
  if (rejected) return { ...rejected, looksLike, show: [asked, failure, answer] }
  const failed = markOf(recording, 'one failed')
  const vain = awaited(recording)
  if (failed && !answer && vain && !marked(recording, 'stopped')) {
    return {
      seen: `After stop() was called, one handler rejected and the others resolved, but stop() was still pending ${Math.round((vain.ms - failed.ms) / 1000)} s later.`,
      looksLike: 'counts-successes',
      show: [asked, failure, vain],
    }
  }
  if (failed && attempts.length > 1 && isBefore(recording, answer, failed)) {
    const isEarly = isBefore(recording, answer, failure)
    return {
      seen: isEarly
        ? `stop() resolved while ${attempts.length} handlers were still running.`
        : 'One handler rejected, and stop() resolved while another was still running.',
      looksLike,
      show: [asked, failure, answer],
    }
  }
  return undefined
}

/** What the service left in the queue was not done by the next one, with the same exercise. */
export function leftForNobody(recording: Recording): Shortfall | undefined {
  const [failed] = tasks(recording).finishes[0]?.tasks ?? []
  if (failed === undefined || !marked(recording, 'stopped')) return reached(recording, 'stopped')
  const { attempts, deliveries, settlements } = tasks(recording).named(failed)
  if (marked(recording, 'done by the next worker')) return undefined
  const failure = tasks(recording).finishes[0]?.event
  const again = deliveries.findLast(({ redelivered }) => redelivered)
  const answer = settlements.at(-1)?.frame
  if (missing(recording, [failed]).length > 0) {
    const isSecond = again && isBefore(recording, again.frame, answer)
    const by = isSecond
      ? 'The next worker acknowledged the task without calling its handler'
      : "The task isn't in the queue, and no other worker received it"
    const seen = `The handler for '${failed}' rejected after stop() was called. ${by}, so it's lost.`
    return {
      seen,
      looksLike: isSecond && attempts.length < 2 ? 'redelivered-is-done' : undefined,
      show: [failure, again?.frame, answer, lookOf(recording)],
      wrong: {
        event: answer,
        instead: isSecond ? 'the handler first, then the ack' : 'no ack, because its work is not done',
      },
    }
  }
  return reached(recording, 'done by the next worker')
}
