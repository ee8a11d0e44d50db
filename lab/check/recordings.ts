import { randomUUID } from 'node:crypto'
import type { Recording } from '../recording/recording.ts'

/*
 * How vitest's workers come by recordings. The scenarios are played elsewhere, and may be over before a worker is there.
 *
 *   worker ── { ask, lesson, scenario } ──▶ the lab's main thread, which has them from the player
 *          ◀── { answers, recording or error } ──
 */
interface Question {
  ask: string
  lesson: string
  scenario: string
}
type Answer =
  | { answers: string; recording: Recording }
  | { answers: string; error: { message: string; stack?: string } }

/** Answers the workers' questions until it is disposed of. */
export function serveRecordings(get: (lesson: string, scenario: string) => Promise<Recording>): {
  /** The name that the workers need. */
  name: string
} & Disposable {
  const name = `cluster-up-${randomUUID()}`
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: { data: unknown }) => {
    const { ask, lesson, scenario } = data as Question
    if (ask === undefined) return
    get(lesson, scenario).then(
      (recording) => channel.postMessage({ answers: ask, recording }),
      ({ message, stack }: Error) => channel.postMessage({ answers: ask, error: { message, stack } }),
    )
  }
  return { name, [Symbol.dispose]: () => channel.close() }
}

/** In a worker: the recording of a scenario, when it has been played. */
export function askForRecording(name: string, what: { lesson: string; scenario: string }): Promise<Recording> {
  const channel = new BroadcastChannel(name)
  const ask = randomUUID()
  const { promise, resolve, reject } = Promise.withResolvers<Recording>()
  channel.onmessage = ({ data }: { data: unknown }) => {
    const answer = data as Answer
    if (answer.answers !== ask) return
    channel.close()
    if ('recording' in answer) resolve(answer.recording)
    else reject(Object.assign(new Error(answer.error.message), answer.error))
  }
  channel.postMessage({ ask, ...what } satisfies Question)
  return promise
}
