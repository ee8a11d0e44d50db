import {
  awaited,
  connections,
  contents,
  findings,
  frames,
  isBefore,
  isOpenAt,
  lastAwaited,
  markOf,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  since,
  tasks,
  told,
} from '../../lab/check/evidence.ts'
import { onFastClocks } from '../../lab/student/clocks.ts'
import { firstStop, stopRejected } from '../shared/service.ts'
import { MOMENTS_MS } from './plays.ts'
import { building, connecting, DEAD_LINK_MS, finishing, forced, opening, pausing, waiting } from './scenarios.ts'

/** How a service stops that has lost its connection. */

/** Longer than the network and the broker take, on clocks that run fast. */
const DEADLINE_MS = 1500

const WHEN: Record<string, string> = {
  [waiting.name]: 'The broker was down',
  [pausing.name]: 'An attempt had failed during setup',
  [connecting.name]: 'Your service was reconnecting',
  [opening.name]: 'Your service was reopening its channel',
  [building.name]: 'Your service was recovering',
  [forced.name]: 'Your service had recovered and had a task in progress',
}

/** stop() did not resolve, or something came after it. */
export function stopsOtherwise(recording: Recording): Shortfall | undefined {
  const when =
    recording.scenario === finishing.name
      ? 'The connection was reset while stop() waited for a handler'
      : `${WHEN[recording.scenario]} when stop() was called`
  const { asked, answer } = firstStop(recording)
  const [end] = findings(recording)
  const inVain = lastAwaited(recording)
  if (!asked) return reached(recording, 'stopped')
  const rejected = stopRejected(recording, `${when}, and stop()`)
  const looksLike = recording.scenario === finishing.name ? 'closes-what-is-gone' : undefined
  if (rejected) return { ...rejected, looksLike }
  if (end) return { seen: `${when}. ${end.sentence}`, show: [asked, end] }
  if (answer) return goesOn(recording) ?? reached(recording, 'a while after stop()')
  if (!inVain) return reached(recording, 'stopped')
  const isOpen = connections(recording).some((each) => isOpenAt(each, asked.ms))
  const seen = `${when}, and the call was still pending ${MOMENTS_MS / 1000} s later.`
  return { seen, looksLike: isOpen ? 'waits-for-a-loss' : 'stop-does-not-end', show: [asked, inVain] }
}

/** After stop() something was open, or was tried. Nobody can tell when a dead link was closed. */
function goesOn(recording: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const mark = markOf(recording, 'a while after stop()')
  if (!asked || !answer || !mark) return undefined
  const tried = told(recording, 'attempt').find(({ ms }) => ms > answer.ms && ms < mark.ms)
  const deadSince = silence(recording)?.ms ?? 0
  const left = connections(recording).find((each) => isOpenAt(each, mark.ms) && each.acceptedMs >= deadSince)
  if (!tried && !left) return undefined
  const found = tried ? 'your service tried to connect' : 'a connection was still open'
  return {
    seen: `After stop() resolved, ${found}.`,
    looksLike: !tried && left && left.acceptedMs < asked.ms ? 'forgets-the-half-built' : 'comes-back-after-stop',
    show: [asked, answer, tried ?? left?.accepted],
  }
}

function silence({ events }: Recording): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'fault' && event.name === 'half-open')
}

/** stop() did not wait for a handler: it resolved, or closed what the ack needs. */
export function stopsTooEarly(recording: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const { attempts, finishes } = tasks(recording)
  const done = markOf(recording, 'the work is done')
  const late = finishes.filter(({ event }) => isBefore(recording, done, event))
  const busy = attempts.find(
    ({ call, event }) => isBefore(recording, event, done) && late.some(({ calls }) => calls.includes(call)),
  )
  const close = frames(since(recording, asked), 'channel.close', 'connection.close').find(
    ({ from }) => from === 'student',
  )
  const early = close && isBefore(recording, close, answer ?? done) ? close : answer
  if (!asked || !early || !busy || !isBefore(recording, early, done)) return undefined
  const isBack = recording.scenario === forced.name
  const ownMs = isBack ? onFastClocks(early.ms - asked.ms) : 0
  const isDeadline = ownMs > DEADLINE_MS
  const when = isBack ? WHEN[forced.name] : 'The connection had been lost, and a handler that began before was working'
  const later = `About ${Math.round(ownMs / 1000)} s later by its own clock (the lab makes it run fast), before that work was done,`
  const what = early === close ? `your service closed its ${close.method.split('.')[0]}` : 'stop() resolved'
  return {
    seen: `${when} when stop() was called. ${isDeadline ? `${later} ${what}` : `Before that work was done, ${what}`}.`,
    looksLike: isDeadline ? 'stops-at-a-deadline' : 'stops-too-early',
    show: [busy.event, asked, early, done],
    wrong: { event: early, instead: 'nothing yet: stop() waits for every handler first' },
  }
}

/** What was in hand when a service that had come back was stopped was not done. */
export function leavesUndone(recording: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const early = stopsTooEarly(recording)
  if (early) return early
  const look = contents(recording).at(-1)
  if (!look?.tasks.length) return reached(recording, 'looked into the queue')
  const seen = `Your service had recovered and was working on '${look.tasks[0]}' when stop() was called. The handler finished, but the task is back in the queue.`
  return { seen, show: [asked, answer, look.event] }
}

/** The link was dead, and stop() did not resolve in time, or something came after it. */
export function waitsForTheDead(recording: Recording): Shortfall | undefined {
  const { asked, answer } = firstStop(recording)
  const inVain = awaited(recording)
  if (asked && !answer && inVain) {
    const seen = `The link was dead when stop() was called, and the call was still pending ${DEAD_LINK_MS / 1000} s later.`
    return { seen, looksLike: 'waits-for-the-dead', show: [silence(recording), asked, inVain] }
  }
  return stopRejected(recording, 'The link was dead, and stop()') ?? goesOn(recording)
}
