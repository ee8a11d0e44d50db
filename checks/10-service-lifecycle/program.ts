import {
  contents,
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
import { lookOf } from '../shared/consumer.ts'
import { endedOtherwise } from '../shared/process.ts'
import { QUEUE } from '../shared/service-scenarios.ts'
import { ownClose } from './evidence.ts'
import { DOT_MS, LONG, MOMENTS_MS, NEXT } from './scenarios.ts'

/** What the exercise does as a program. */

const LINES = [
  'Attempting to connect to RabbitMQ...',
  'RabbitMQ connection failed:',
  'Successfully connected to RabbitMQ!',
  `Declared queue: ${QUEUE}`,
  ` [x] Received ${LONG}`,
]

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
  const seen = `Your program printed '${misplaced}', but not after '${LINES[LINES.indexOf(misplaced) - 1]}'.`
  return { seen, looksLike: 'line-missing', show: LINES.map((text) => printed(recording, text)) }
}

/** What the signal has to lead to, whatever the program does, did not come. */
export function endsOtherwise(recording: Recording): Shortfall | undefined {
  const looksLike = 'leaves-a-handle'
  if (!marked(recording, 'did not stop')) return endedOtherwise(recording, { running: looksLike, deaf: 'no-handler' })
  const [asked] = processes(recording, 'signalled')
  const seen = `${MOMENTS_MS / 1000} s after ${asked?.signal} your process was still running.`
  return { seen, looksLike, show: [asked, printed(since(recording, asked), 'Exiting consumer')] }
}

/** As endsOtherwise(), or the task in hand was not finished first, or another was taken. */
export function endsUnfinished(recording: Recording): Shortfall | undefined {
  const unwell = endsOtherwise(recording)
  const { delivery, settlements } = tasks(recording).named(LONG)
  const [asked] = processes(recording, 'signalled')
  if (unwell || !delivery || !asked) return unwell ?? reached(recording, 'asked to stop')
  const [end] = processes(recording, 'exited')
  const goodbye = printed(recording, 'Exiting consumer')
  const workMs = DOT_MS * (LONG.split('.').length - 1)
  const tooEarly = (event: ProcessEvent | undefined, what: string): string | undefined => {
    const tookMs = event && event.ms - delivery.ms
    if (tookMs === undefined || tookMs >= 0.9 * workMs) return undefined
    return `'${LONG}' is ${workMs} ms of work. ${what} ${tookMs.toFixed(0)} ms after the task came.`
  }
  const ended = tooEarly(end, 'Your process ended')
  if (ended) return { seen: ended, looksLike: 'exits-at-once', show: [delivery.frame, asked, goodbye, end] }
  const saidSo = tooEarly(goodbye, "'Exiting consumer' was printed")
  const ack = settlements[0]?.frame
  if (saidSo) {
    return {
      seen: saidSo,
      looksLike: 'no-goodbye',
      show: [delivery.frame, asked, goodbye, ack],
      wrong: { event: goodbye, instead: 'first the work and its ack' },
    }
  }
  const held = contents(recording).at(-1)?.tasks
  if (!held) return reached(recording, 'looked into the queue')
  const worked = `Your program was sent ${asked.signal} while it worked on '${LONG}'.`
  if (held.includes(LONG)) {
    return {
      seen: `${worked} It ended, and the task is in the queue again.`,
      looksLike: ack ? undefined : 'exits-at-once',
      show: [delivery.frame, asked, ownClose(recording), lookOf(recording)],
    }
  }
  if (held.includes(NEXT)) return undefined
  const received = printed(recording, ` [x] Received ${NEXT}`)
  return {
    seen: `${worked} It took '${NEXT}' from the queue all the same.`,
    looksLike: 'begins-new-work',
    show: [asked, tasks(recording).named(NEXT).delivery?.frame, received, lookOf(recording)],
  }
}
