import {
  contents,
  isBefore,
  marked,
  outOfOrder,
  output,
  type ProcessEvent,
  printed,
  processes,
  type Recording,
  reached,
  type Shortfall,
  since,
  tasks,
} from '../../lab/check/evidence.ts'
import { onFastClocks } from '../../lab/student/clocks.ts'
import { lookOf } from '../shared/consumer.ts'
import { endedOtherwise } from '../shared/process.ts'
import { QUEUE } from '../shared/service-scenarios.ts'
import { ownClose } from './evidence.ts'
import { END_MS, LONG, NEXT, workMs } from './scenarios.ts'

/** What the exercise does as a program. */

const LINES = [
  'Attempting to connect to RabbitMQ...',
  'RabbitMQ connection failed:',
  'Successfully connected to RabbitMQ!',
  `Declared queue: ${QUEUE}`,
  ` [x] Received ${LONG}`,
]

/** Longer than a program takes that ends on the signal. */
const DEADLINE_MS = 500

/** A line of lesson 05's was not printed, or not where it belongs. */
export function saysOtherwise(recording: Recording): Shortfall | undefined {
  const wanted = [...LINES, ' [*] Waiting for messages. To exit press CTRL+C']
  const missing = wanted.find((text) => !printed(recording, text))
  if (missing !== undefined) {
    const seen = `Your program never printed '${missing}'.`
    const short = { seen, looksLike: 'line-missing', show: output(recording).slice(0, 6) }
    return reached(recording, 'asked to stop') ?? reached(recording, 'read all that it printed') ?? short
  }
  const misplaced = outOfOrder(recording, LINES)
  if (misplaced === undefined) return undefined
  const seen = `Your program printed '${misplaced}' too early: this line has to come after '${LINES[LINES.indexOf(misplaced) - 1]}'.`
  return { seen, looksLike: 'line-missing', show: LINES.map((text) => printed(recording, text)) }
}

/** What the signal has to lead to, whatever the program does, did not come. */
export function endsOtherwise(recording: Recording): Shortfall | undefined {
  const looksLike = 'leaves-a-handle'
  if (!marked(recording, 'did not stop')) return endedOtherwise(recording, { running: looksLike, deaf: 'no-handler' })
  const [asked] = processes(recording, 'signalled')
  const seen = `${END_MS / 1000} s after ${asked?.signal}, your process was still running.`
  return { seen, looksLike, show: [asked, printed(since(recording, asked), 'Exiting consumer')] }
}

/** As endsOtherwise(), or the task in hand was not finished first, or another was taken. */
export function endsUnfinished(recording: Recording): Shortfall | undefined {
  const { delivery, settlements } = tasks(recording).named(LONG)
  const [asked] = processes(recording, 'signalled')
  const [end] = processes(recording, 'exited')
  const goodbye = printed(recording, 'Exiting consumer')
  const { ms: neededMs, isFast } = workMs(recording)
  const tooEarly = (event: ProcessEvent | undefined, what: string, looksLike: string) => {
    if (!event || !delivery || !asked) return undefined
    // On fast clocks only the ack tells whether the work was done.
    const isDone = isFast && settlements.some(({ frame }) => isBefore(recording, frame, event))
    if (isDone || event.ms - delivery.ms >= 0.9 * neededMs) return undefined
    const tookMs = ownTime(recording, event.ms, isFast) - ownTime(recording, delivery.ms, isFast)
    const clocks = isFast ? ', by its own clock (which the lab speeds up)' : ''
    return {
      seen: `The task '${LONG}' takes ${inWords(neededMs)} to complete. ${what} ${inWords(tookMs)} after the task arrived${clocks}.`,
      looksLike: event.ms - asked.ms > DEADLINE_MS ? 'stops-at-a-deadline' : looksLike,
      show: [delivery.frame, asked, goodbye, event === goodbye ? settlements[0]?.frame : event],
    }
  }
  const ended = tooEarly(end, 'Your process ended', 'exits-at-once')
  // An exit at a deadline has an exit code of its own: that is not what is wrong with it.
  if (ended?.looksLike === 'stops-at-a-deadline') return ended
  const unwell = endsOtherwise(recording)
  if (unwell) return unwell
  if (!delivery || !asked) return reached(recording, 'asked to stop')
  const saidSo = tooEarly(goodbye, "Your program printed 'Exiting consumer'", 'no-goodbye')
  const ack = settlements[0]?.frame
  const held = contents(recording).at(-1)?.tasks
  const worked = `Your program received ${asked.signal} while it was working on '${LONG}'.`
  // However busy the machine: on a slow one it may have ended when the work would have been done.
  if (held?.includes(LONG)) {
    return {
      seen: `${worked} After it exited, the task was back in the queue.`,
      looksLike: ack ? undefined : 'exits-at-once',
      show: [delivery.frame, asked, ownClose(recording), end, lookOf(recording)],
    }
  }
  if (ended) return ended
  if (!held && !saidSo) return reached(recording, 'looked into the queue')
  if (saidSo) return { ...saidSo, wrong: { event: goodbye, instead: 'the work and its ack first' } }
  const received = printed(recording, ` [x] Received ${NEXT}`)
  // On a slow machine the first was done before the signal came: then this one was in hand.
  if (held?.includes(NEXT) || isBefore(recording, received, asked)) return undefined
  return {
    seen: `${worked} After the signal, it took another task from the queue: '${NEXT}'.`,
    looksLike: 'begins-new-work',
    show: [asked, tasks(recording).named(NEXT).delivery?.frame, received, lookOf(recording)],
  }
}

/** What the clocks of the program showed then; they count from its start. */
function ownTime(recording: Recording, ms: number, isFast: boolean): number {
  const [started] = processes(recording, 'started')
  return isFast && started ? onFastClocks(ms - started.ms) : ms
}

function inWords(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(0)} ms` : `${Math.round(ms / 1000)} s`
}
