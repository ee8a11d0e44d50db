import {
  awaited,
  connections,
  findings,
  frame,
  isBefore,
  marked,
  type Recording,
  reached,
  type Shortfall,
  told,
} from '../../lab/check/evidence.ts'
import { firstStop, stillRuns, stopRejected } from '../shared/service.ts'
import { building, greeting, life, MOMENTS_MS, opening, waiting } from './scenarios.ts'

/** What became of a service that was stopped before it was ready. */

const DOING: Record<string, string> = {
  [waiting.name]: 'waited for its broker',
  [greeting.name]: 'was opening its connection',
  [opening.name]: 'was opening its channel',
  [building.name]: 'was about to consume',
}

/** It did not stop, or ready did not reject. */
export function stoppedEarly(recording: Recording): Shortfall | undefined {
  const when = `The service ${DOING[recording.scenario]}`
  const { asked, answer } = firstStop(recording)
  const [ready] = told(recording, 'ready')
  const [crash] = findings(recording)
  if (asked && crash?.id === 'unhandled-rejection') {
    const seen = `${when}, stop() was called, and the process ended. ${crash.sentence}`
    return { seen, looksLike: 'unobserved-rejection', show: [asked, crash] }
  }
  const rejected = stopRejected(recording, `${when}, and stop()`)
  if (rejected) return rejected
  if (asked && !answer && marked(recording, 'nobody looked at ready')) {
    const seen = `${when} when stop() was called, and ${MOMENTS_MS / 1000} s later stop() was still pending.`
    return { seen, looksLike: 'stop-waits-for-ready', show: [asked, awaited(recording)] }
  }
  if (marked(recording, 'looked at ready') && ready?.data.ok !== false) {
    const but = ready ? 'still resolved' : 'was still pending afterwards'
    const seen = `${when} when it was stopped. ready ${but}.`
    return { seen, looksLike: 'ready-after-stop', show: [asked, answer, ready] }
  }
  // An attempt that is given up in the middle may end a moment later: whether it does is judged by the end of the process.
  const left = connections(recording).find(({ reached, end }) => reached === 'open' && end?.how !== 'closed')
  const isOpen = left && frame(recording, 'channel.open') && isBefore(recording, answer, left.end?.event)
  if (!isOpen) return reached(recording, 'looked at ready')
  return {
    seen: `${when} when it was stopped. stop() resolved, but the connection stayed open.`,
    looksLike: halfBuilt(recording),
    show: [asked, frame(recording, 'basic.consume-ok') ?? frame(recording, 'channel.open-ok'), answer],
    wrong: { event: answer, instead: 'it belongs after connection.close and the answer to it' },
  }
}

/** stop() had resolved, and the process did not end. */
export function keptAlive(recording: Recording): Shortfall | undefined {
  const runs = stillRuns(recording, MOMENTS_MS)
  const open = connections(recording).find(({ end }) => !end)
  if (!runs || !open) return runs
  return {
    seen: `${runs.seen} A connection was still open.`,
    looksLike: recording.scenario === life.name ? runs.looksLike : halfBuilt(recording),
    show: [open.accepted, ...(runs.show ?? [])],
  }
}

/** What becomes of a set-up that stop() comes upon: it goes on as if nothing had happened, or it breaks off. */
function halfBuilt(recording: Recording): 'forgets-the-half-built' | 'leaves-the-half-built' {
  return frame(recording, 'basic.consume') ? 'forgets-the-half-built' : 'leaves-the-half-built'
}
