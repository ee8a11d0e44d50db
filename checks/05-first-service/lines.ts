import {
  connections,
  outOfOrder,
  output,
  printed,
  type Recording,
  reached,
  type Shortfall,
  tasks,
  textOf,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { QUEUE } from './scenarios.ts'

/** What the exercise has to print, and in which order. */

const ATTEMPTING = 'Attempting to connect to RabbitMQ...'
const CONNECTED = 'Successfully connected to RabbitMQ!'
const DECLARED = `Declared queue: ${QUEUE}`
const START = [ATTEMPTING, CONNECTED, DECLARED, ' [*] Waiting for messages. To exit press CTRL+C']
const ALL = 'read all that it printed'

/** How it starts was not told, or not in order. */
export function startedInSilence(recording: Recording): Shortfall | undefined {
  const missing = START.find((text) => !printed(recording, text))
  if (missing === undefined) return misplaced(recording, START)
  const first = output(recording).slice(0, 6)
  return (
    reached(recording, ALL) ?? {
      seen: `Your program never printed '${missing}'.`,
      looksLike: 'line-missing',
      show: first,
      wrong: { event: first.at(-1), instead: `a line '${missing}'` },
    }
  )
}

function misplaced(recording: Recording, texts: string[]): Shortfall | undefined {
  const text = outOfOrder(recording, texts)
  if (text === undefined) return undefined
  const before = texts[texts.indexOf(text) - 1]
  return {
    seen: `Your program printed '${text}' too early: this line has to come after '${before}'.`,
    looksLike: 'lines-out-of-order',
    show: texts.map((each) => printed(recording, each)),
    wrong: { event: printed(recording, text), instead: `this line after '${before}'` },
  }
}

/** A task was received in silence, or before the queue was declared. */
export function receivedInSilence(recording: Recording): Shortfall | undefined {
  const bodies = [...new Set(tasks(recording).deliveries.map(({ body }) => body))]
  const line = (task: string) => ` [x] Received ${task}`
  const missing = bodies.find((task) => !printed(recording, line(task)))
  if (missing !== undefined) {
    const instead = output(recording).find(({ text }) => /received/i.test(text ?? ''))
    const isOther = instead && !bodies.some((task) => instead.text?.includes(task))
    return (
      reached(recording, ALL) ?? {
        seen: `The broker delivered '${missing}', but your program never printed '${line(missing)}'.`,
        looksLike: isOther ? 'task-not-shown' : 'line-missing',
        show: [tasks(recording).named(missing).delivery?.frame, instead],
        wrong: { event: instead, instead: `'${line(missing)}'` },
      }
    )
  }
  const early = bodies.find((task) => outOfOrder(recording, [DECLARED, line(task)]))
  if (early !== undefined) return misplaced(recording, [DECLARED, line(early)])
  return bodies.length >= 3 ? undefined : reached(recording, 'worked')
}

/** A failed attempt was not told, or not between the first attempt and the success. */
export function failedInSilence(recording: Recording): Shortfall | undefined {
  // The last attempt came through; where the scenario ended early, the last failure may not have been told yet.
  const tries = told(recording, 'attempt').length
  // A program in another language tells of none: there the wire counts.
  const failed = tries > 0 ? tries - 1 : connections(recording).filter(({ end }) => end?.by === 'lab').length
  const lines = failureLines(recording)
  if (failed < 1) return reached(recording, 'worked')
  if (lines >= failed) return failuresMisplaced(recording, failed)
  // The first failure that has no line of its own is among them.
  const ended = told(recording, 'attempt-ended').slice(0, lines + 1)
  return {
    seen: `${times(failed, 'attempt')} failed, but your program printed ${lines === 0 ? 'no line' : `only ${times(lines, 'line')}`} like 'RabbitMQ connection failed: … Retrying in …'.`,
    looksLike: 'fails-in-silence',
    show: [...ended, ...output(recording).slice(0, 4)],
    wrong: { event: ended.at(-1), instead: "a line for this failure: 'RabbitMQ connection failed: …'" },
  }
}

export function failureLines(recording: Recording): number {
  return failuresIn(textOf(recording, 'stdout')).length + failuresIn(textOf(recording, 'stderr')).length
}

/** Where failures are told. */
function failuresIn(text: string): number[] {
  const failure = /RabbitMQ connection failed:(?:(?!RabbitMQ connection failed:)[\s\S])*?Retrying in /g
  return [...text.matchAll(failure)].map(({ index }) => index)
}

/** The failures have to be told after the first attempt, and before the success. */
function failuresMisplaced(recording: Recording, failed: number): Shortfall | undefined {
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = textOf(recording, stream)
    const failures = failuresIn(text)
    if (failures.length < failed) continue
    const success = text.lastIndexOf(CONNECTED)
    const isEarly = text.indexOf(ATTEMPTING) > (failures.at(-failed) ?? 0)
    if (!isEarly && (success === -1 || success >= (failures[failed - 1] ?? 0))) continue
    return {
      seen: isEarly
        ? `Your program reported a failure before it had printed '${ATTEMPTING}'.`
        : `Your program printed '${CONNECTED}' before it reported the last failure.`,
      looksLike: 'lines-out-of-order',
      show: output(recording).slice(0, 6),
    }
  }
  return undefined
}
