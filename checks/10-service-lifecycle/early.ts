import {
  awaited,
  connections,
  frame,
  isBefore,
  type Recording,
  reached,
  type Shortfall,
} from '../../lab/check/evidence.ts'
import { firstStop, MOMENTS_MS, notStopped, stillRuns, stopRejected } from '../shared/service.ts'
import { atOnce, building, greeting, life, opening, waiting } from './scenarios.ts'

/** What became of a service that was stopped before it was ready. */

const DOING: Record<string, string> = {
  [atOnce.name]: 'had just started',
  [waiting.name]: 'was waiting for the broker',
  [greeting.name]: 'was opening its connection',
  [opening.name]: 'was opening its channel',
  [building.name]: 'was waiting for the broker to accept its consumer',
}

/** It did not stop, or ready did not reject. */
export function stoppedEarly(recording: Recording): Shortfall | undefined {
  const when = `The service ${DOING[recording.scenario]}`
  const { asked, answer } = firstStop(recording)
  const short = notStopped(recording, when)
  if (short) return short
  // An attempt that is given up in the middle may end a moment later: whether it does is judged by the end of the process.
  const left = connections(recording).find(({ reached, end }) => reached === 'open' && end?.how !== 'closed')
  const isOpen = left && frame(recording, 'channel.open') && isBefore(recording, answer, left.end?.event)
  if (!isOpen) return reached(recording, 'looked at ready')
  return {
    seen: `${when} when stop() was called. stop() resolved, but the connection stayed open.`,
    looksLike: halfBuilt(recording),
    show: [asked, frame(recording, 'basic.consume-ok') ?? frame(recording, 'channel.open-ok'), answer],
    wrong: { event: answer, instead: 'stop() resolves after connection.close-ok' },
  }
}

/** It was ready and had nothing in hand, and stop() did not resolve. */
export function stopsOnlyAtWork(recording: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const vain = awaited(recording)
  if (!asked || answer || !vain) return stopRejected(recording, 'Your service had nothing to do, and stop()')
  return {
    seen: `Your service had already finished its only task when stop() was called, but ${MOMENTS_MS / 1000} s later stop() was still pending.`,
    looksLike: 'waits-for-work',
    show: [asked, vain],
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
