import * as v from 'valibot'
import {
  awaited,
  findings,
  frames,
  isBefore,
  marked,
  markOf,
  type Recording,
  type Shortfall,
  said,
  times,
  told,
} from '../../lab/check/evidence.ts'

/** What lesson 10 promises of a service that is started and stopped, and lesson 11 promises again. */

/** What needs the event loop and the broker. */
export const MOMENTS_MS = 5000

/** What starting a service returned; see serviceCalls() in lesson 10's driver. */
export const Started = v.object({ isPromise: v.boolean(), ready: v.string(), stop: v.string() })

/** The first call of stop(): when it was made, and how it ended. */
export function firstStop(recording: Recording) {
  const [asked] = told(recording, 'stopping')
  const answer = told(recording, 'stopped').find(({ data }) => data.nth === 1)
  return { asked, answer }
}

/** stop() rejected; `sentence` says when. */
export function stopRejected(recording: Recording, sentence: string): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  if (!answer || answer.data.ok) return undefined
  return { seen: `${sentence} rejected: ${said(answer.data)}`, show: [asked, answer] }
}

/** stop() had resolved, and the process did not end. */
export function stillRuns(recording: Recording, limitMs: number): Shortfall | undefined {
  if (!marked(recording, 'the process still runs')) return undefined
  return {
    seen: `stop() resolved, but ${limitMs / 1000} s later the process was still running.`,
    looksLike: 'leaves-a-handle',
    show: [firstStop(recording).answer, markOf(recording, 'the process still runs')],
  }
}

/** It was stopped before it was ready, and did not stop, or ready did not reject; `when` says what it was doing. */
export function notStopped(recording: Recording, when: string): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const [ready] = told(recording, 'ready')
  const [crash] = findings(recording)
  if (asked && crash?.id === 'unhandled-rejection') {
    const seen = `${when} when stop() was called. ${crash.sentence}`
    return { seen, looksLike: 'unobserved-rejection', show: [asked, crash] }
  }
  const rejected = stopRejected(recording, `${when}, and stop()`) ?? stoppedAgain(recording)
  if (rejected) return rejected
  if (asked && !answer && marked(recording, 'nobody looked at ready')) {
    const seen = `${when} when stop() was called, but ${MOMENTS_MS / 1000} s later stop() was still pending.`
    return { seen, looksLike: 'stop-waits-for-ready', show: [asked, awaited(recording)] }
  }
  if (marked(recording, 'looked at ready') && ready?.data.ok !== false) {
    const but = ready ? 'resolved all the same' : 'was still pending afterwards'
    const seen = `${when} when stop() was called, but ready ${but}.`
    return { seen, looksLike: 'ready-after-stop', show: [asked, answer, ready] }
  }
  return undefined
}

/** One of several calls of stop() rejected or did not wait, or the service was stopped more than once. */
export function stoppedAgain(recording: Recording): Shortfall | undefined {
  const asked = told(recording, 'stopping')
  const answers = told(recording, 'stopped')
  const failed = answers.find(({ data }) => !data.ok)
  if (failed) {
    const { nth = 1 } = failed.data
    return {
      seen: `The lab called stop() ${nth === 3 ? 'a third time, after the first call resolved' : 'twice'}, and the ${['first', 'second', 'third'][nth - 1]} call rejected: ${said(failed.data)}`,
      looksLike: 'not-idempotent',
      show: [...asked.filter((call) => isBefore(recording, call, failed)), failed],
    }
  }
  const early = answers.filter((answer) => isBefore(recording, answer, markOf(recording, 'the work is done')))
  const second = early.find(({ data }) => data.nth === 2)
  // Where the first is early as well, that is what is wrong.
  if (second && !early.some(({ data }) => data.nth === 1)) {
    return {
      seen: 'The lab called stop() twice in a row. The second call resolved while handlers were still working.',
      looksLike: 'second-stop-does-not-wait',
      show: [...asked.slice(0, 2), second],
      instead: 'the second call resolves together with the first',
    }
  }
  const cancels = frames(recording, 'basic.cancel')
  if (cancels.length < 2) return undefined
  const seen = `The lab called stop() more than once, and your service cancelled its consumer ${times(cancels.length, 'time')}.`
  return { seen, looksLike: 'not-idempotent', show: [...asked.slice(0, 2), ...cancels] }
}
