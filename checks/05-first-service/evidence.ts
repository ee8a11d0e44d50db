import * as v from 'valibot'
import {
  awaited,
  contents,
  type Delivery,
  declares,
  findings,
  frames,
  inOrder,
  isBefore,
  marked,
  output,
  processes,
  type RecordedEvent,
  type Recording,
  reached,
  returned,
  type Settlement,
  type Shortfall,
  settled,
  since,
  tasks,
  tcp,
  times,
  told,
  until,
} from '../../lab/check/evidence.ts'
import { lookOf } from '../shared/consumer.ts'
import { died } from '../shared/process.ts'
import { failureLines } from './lines.ts'
import {
  DOTLESS,
  dots,
  LONG,
  LONG_DOT_MS,
  NEXT,
  OVERSLEPT_MS,
  PATIENCE_MS,
  QUEUE,
  RETRY_DELAY_MS,
} from './scenarios.ts'

/** What DOT_MS is where it is not set. */
const DEFAULT_DOT_MS = 1000

/** The queue that QUEUE names was not declared as durable. */
export function otherQueue(recording: Recording): Shortfall | undefined {
  const [first] = declares(recording)
  const mine = declares(recording).filter(({ fields }) => fields.queue === QUEUE)
  if (!first) return reached(recording, 'declared')
  if (mine.some(({ fields }) => fields.durable === true)) return undefined
  if (mine.length > 0) {
    const seen = `Your service declared the queue '${QUEUE}' without making it durable.`
    return { seen, looksLike: 'not-durable', show: [mine[0]], instead: 'queue.declare with durable true' }
  }
  const seen = `QUEUE was '${QUEUE}', but your service declared the queue '${first.fields.queue}'.`
  return { seen, looksLike: 'ignores-queue-variable', show: [first], instead: `queue.declare for '${QUEUE}'` }
}

/** What became of a delivery. */
interface Work {
  task: string
  delivery: Delivery
  ack: Settlement | undefined
  /** From the delivery to the ack. */
  tookMs: number | undefined
}

function work(recording: Recording): Work[] {
  const { acks, deliveries } = tasks(recording)
  return deliveries.map((delivery) => {
    const ack = acks.find(({ own, also }) => [own, ...also].includes(delivery))?.settlement
    const tookMs = ack && ack.ms - (delivery.completeMs ?? delivery.ms)
    return { task: delivery.body, delivery, ack, tookMs }
  })
}

/** A task was not acknowledged when `dotMs` for each of its dots had passed. */
export function workedOtherwise(recording: Recording, dotMs: number, setting: string): Shortfall | undefined {
  const all = work(recording)
  const longest = all.at(-1)
  // Judged by the turns of the process, or by what it waited for: what the lab measured may be the machine's.
  const isSlow = longest && (marked(recording, 'works on') || waitedTooLong(recording, longest, dotMs))
  for (const { task, delivery, ack, tookMs } of all) {
    const workMs = dots(task) * dotMs
    const setOut = `${setting}, so the work on '${task}' takes ${workMs} ms.`
    if (delivery.noAck) {
      const consume = frames(recording, 'basic.consume', 'basic.get').find(({ fields }) => fields.noAck === true)
      return {
        seen: `Your service uses noAck, so the broker deleted '${task}' as soon as it was delivered.`,
        looksLike: 'acks-early',
        show: [consume, delivery.frame],
        wrong: { event: consume, instead: 'without noAck, so that the broker keeps the task until you acknowledge it' },
      }
    }
    const isEarly = tookMs !== undefined && tookMs < 0.9 * workMs
    if (ack && (isEarly || (isSlow && task === longest.task))) {
      const unset = dotMs === DEFAULT_DOT_MS && 'no-default-dot-ms'
      // The lines that did the work, where the lab knows them: those of a program in another language it does not.
      const timers = told(until(since(recording, delivery.frame), ack.frame), 'timer')
      const last = timers.at(-1)
      // Whoever waits, but not for long enough, has not acknowledged on arrival.
      const waited = last ? timers.reduce((sum, { data }) => sum + data.ms, 0) : workMs
      const line = last
        ? ` The last timer that it set before the ack was for ${last.data.ms} ms (${last.data.file}:${last.data.line}).`
        : ''
      return {
        seen: `${setOut} Your service acknowledged the task ${tookMs?.toFixed(0)} ms after the delivery.${line}`,
        looksLike: isEarly ? unset || (waited < 0.9 * workMs ? 'not-per-dot' : howEarly(all, dotMs)) : howLate(all),
        show: [delivery.frame, ...timers.slice(-3), ack.frame],
        wrong: { event: last ?? ack.frame, instead: `an ack ${workMs} ms after the delivery` },
      }
    }
    if (!ack && dots(task) > 0 && !marked(recording, 'worked') && findings(recording).length === 0) {
      const isOther = tasks(recording).settlements.some(({ kind }) => kind !== 'ack')
      const looksLike = isOther || dotMs === DEFAULT_DOT_MS ? undefined : howLate(all)
      const seen = `${setOut} After ${PATIENCE_MS / 1000} s, your service still hadn't acknowledged the task.`
      const wrong = { event: awaited(recording), instead: `basic.ack ${workMs} ms after the delivery` }
      return { seen, looksLike, show: [delivery.frame, awaited(recording)], wrong }
    }
  }
  return reached(recording, 'worked')
}

/** The ack waited for a timer that is far longer than the work. */
function waitedTooLong(recording: Recording, { task, delivery, ack }: Work, dotMs: number): boolean {
  const longMs = 1.5 * dots(task) * dotMs
  if (!ack || longMs === 0) return false
  const timers = told(until(since(recording, delivery.frame), ack.frame), 'timer')
  return timers.some(({ ms, data }) => data.ms >= longMs && ack.ms - ms >= 0.9 * data.ms)
}

/** No work at all before the ack, or work that does not grow with the dots. */
function howEarly(all: Work[], dotMs: number): string {
  const dotted = all.filter(({ task, tookMs }) => dots(task) > 0 && tookMs !== undefined)
  const within = (ms: number) => dotted.some(({ tookMs = 0 }) => tookMs < ms)
  const full = dotted.some(({ task, tookMs = 0 }) => tookMs >= 0.9 * dots(task) * dotMs)
  // On a busy machine even an ack on arrival takes a while. That the work comes after it shows all the same.
  const isEarly = (within(0.9 * dotMs) && !full) || (within(1.5 * dotMs) && worksAfterTheAck(all, dotMs))
  return isEarly ? 'acks-early' : 'not-per-dot'
}

/** A second for each dot, or something else. */
function howLate(all: Work[]): string {
  const isSecond = ({ task, tookMs }: Work) => Math.abs((tookMs ?? 0) - dots(task) * DEFAULT_DOT_MS) < 400
  const done = all.filter(({ tookMs }) => tookMs !== undefined)
  return done.length === 0 || done.every(isSecond) ? 'ignores-dot-ms' : 'not-per-dot'
}

/** Who works on one task at a time, after its ack, has the next one wait for its own ack as long as the work takes. */
function worksAfterTheAck(all: Work[], dotMs: number): boolean {
  const acked = all
    .flatMap(({ task, ack }) => (ack === undefined ? [] : [{ task, ms: ack.ms }]))
    .toSorted((one, other) => one.ms - other.ms)
  return acked.every(({ task, ms }, at) => (acked[at + 1]?.ms ?? Infinity) - ms >= 0.9 * dots(task) * dotMs)
}

/** A task without a dot was worked on. */
export function workedForNothing(recording: Recording): Shortfall | undefined {
  const [{ delivery, ack, tookMs } = {}] = work(recording)
  const worked = marked(recording, 'works on')
  if (!worked || !delivery || findings(recording).length > 0) return reached(recording, 'worked')
  const late = ack
    ? `your service took ${tookMs?.toFixed(0)} ms to acknowledge it`
    : "your service didn't acknowledge it"
  return {
    seen: `DOT_MS was 60000. The task '${DOTLESS}' has no dots, so there was no work to do, but ${late}.`,
    looksLike: 'not-per-dot',
    show: [delivery.frame, ack?.frame ?? awaited(recording)],
    instead: 'basic.ack soon after the delivery, because no dots means no work',
  }
}

/** It did not try until the broker was there. */
export function gaveUp(recording: Recording): Shortfall | undefined {
  const [end] = findings(recording)
  const seenTries = told(recording, 'attempt')
  // Of those of a program in another language only its lines tell.
  const said = output(recording).filter(({ text }) => text?.startsWith('Attempting to connect'))
  const tries: RecordedEvent[] = seenTries.length === 0 && end?.id === 'exited' ? said : seenTries
  const unable = reached(recording, 'worked')
  const inVain = awaited(recording)
  if (!unable || marked(recording, 'failed often') || tries.length === 0) return unable
  if (end) {
    const [exit] = processes(recording, 'exited')
    const counted = tries.length === 1 ? 'no-retry' : tries.length === 2 ? 'one-kind-of-failure' : 'gives-up'
    const isIdle = end.id === 'exited' && exit?.code === 0 && !/process\.exit/.test(end.sentence)
    return {
      seen: `The broker wasn't up yet, and your service made only ${times(tries.length, 'attempt')}. ${end.sentence}`,
      looksLike: isIdle && failureLines(recording) > 0 ? 'unref-wait' : counted,
      show: [...tries.slice(-2), end],
      instead: 'another attempt, after RETRY_DELAY_MS',
    }
  }
  if (!inVain) return unable
  return {
    seen: `RETRY_DELAY_MS was ${RETRY_DELAY_MS}. Your service made ${times(tries.length, 'attempt')}, but ${OVERSLEPT_MS / 1000} s after ${tries.length === 1 ? 'that attempt' : 'the last one'} failed, it still hadn't made another.`,
    looksLike: failureLines(recording) > 0 ? 'ignores-retry-delay' : undefined,
    show: [tries.at(-1), inVain],
    instead: `another attempt, ${RETRY_DELAY_MS} ms after the failure`,
  }
}

/** A task whose work was not done when the process ended was not in the queue. */
export function lostItsWork(recording: Recording): Shortfall | undefined {
  const [left] = contents(recording)
  const lost = [LONG, NEXT].find((task) => {
    // Two at once are nobody's fault here: what is done is done.
    const isDone = ({ tookMs }: Work) => tookMs !== undefined && tookMs >= 0.9 * dots(task) * LONG_DOT_MS
    return !left?.tasks.includes(task) && !work(recording).some((one) => one.task === task && isDone(one))
  })
  if (lost === undefined || !marked(recording, 'looked into the queue')) {
    return reached(recording, 'looked into the queue')
  }
  const [interrupted] = processes(recording, 'signalled')
  const { delivery, settlements } = tasks(recording).named(lost)
  const frame = settlements[0]?.frame
  const early = delivery?.noAck || (frame && interrupted && isBefore(recording, frame, interrupted))
  return {
    seen: `The work on '${lost}' wasn't done when the process ended, but the task was gone from the queue.`,
    looksLike: early ? 'acks-early' : frame && 'gives-up-the-task',
    show: [delivery?.frame, interrupted, frame, lookOf(recording)],
    wrong: frame && { event: frame, instead: 'nothing, because the broker requeues an unacknowledged task' },
  }
}

/** It did something when it was imported. */
export function ranOnImport(recording: Recording): Shortfall | undefined {
  const [attempt] = inOrder(recording, [told(recording, 'attempt')[0], tcp(recording, 'accepted')[0]])
  const line = output(recording).find(
    ({ what, text }) => what === 'stdout' || /^(Attempting to connect|Exiting consumer)/.test(text ?? ''),
  )
  const instead = 'nothing happens when the file is imported'
  const what = 'The lab only imported the file'
  const [end] = findings(recording)
  if (!attempt && !line && !marked(recording, 'imported') && end && end.id !== 'failed-to-load') {
    return died(recording, what, { show: undefined, looksLike: 'starts-on-import', instead })
  }
  const listens = settled(recording, 'signals')
  const [signal] = returned(listens, v.array(v.string())) ?? []
  if (!attempt && !line && signal !== undefined) {
    return {
      seen: `${what}, but your code listens for ${signal}, so that signal no longer ends the program that imported the file.`,
      looksLike: 'starts-on-import',
      show: [listens?.event],
      instead,
    }
  }
  if (!attempt && !line) return reached(recording, 'imported')
  return {
    seen: `${what}, but ${attempt ? 'your code opened a connection' : `your code printed '${line?.text}'`}.`,
    looksLike: 'starts-on-import',
    show: [attempt, line],
    wrong: { event: attempt ?? line, instead },
  }
}
