import * as v from 'valibot'
import { marked, markOf, type Recording, type Shortfall, said, told } from '../../lab/check/evidence.ts'

/** What lesson 10 promises of a service that is started and stopped, and lesson 11 promises again. */

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
    seen: `stop() had resolved, and ${limitMs / 1000} s later the process was still running.`,
    looksLike: 'leaves-a-handle',
    show: [firstStop(recording).answer, markOf(recording, 'the process still runs')],
  }
}
