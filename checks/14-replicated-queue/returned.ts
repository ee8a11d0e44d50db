import {
  connections,
  isOpenAt,
  markOf,
  type Recording,
  reached,
  type Shortfall,
  told,
} from '../../lab/check/evidence.ts'
import { outcome } from './evidence.ts'
import { TIMEOUT_MS } from './scenarios.ts'

/** What becomes of the connection that the call returned. */

const STAYS = 'the connection stays open until the caller closes it'

/** What it had returned was closed when the time for the attempt had passed. */
export function endsIt(recording: Recording): Shortfall | undefined {
  const passed = markOf(recording, 'the time limit has passed')
  const answer = outcome(recording, 'hanging')
  if (!answer?.ok || !passed) return reached(recording, 'the time limit has passed')
  const opened = connections(recording).filter(({ openMs }) => openMs !== undefined)
  const end = opened.at(-1)?.end?.event
  if (opened.some((each) => isOpenAt(each, passed.ms)) || !end) return undefined
  return {
    seen: `connectToAny() connected. After timeoutMs (${TIMEOUT_MS} ms), the connection was no longer open, although the caller hadn't closed it.`,
    looksLike: 'ends-what-it-returned',
    show: [answer.event, end],
    wrong: { event: end, instead: STAYS },
  }
}

/** What it had returned was closed by an abort that came later. */
export function abortsIt(recording: Recording): Shortfall | undefined {
  const mark = markOf(recording, 'aborted when it had connected')
  const [abort] = told(recording, 'aborted')
  const [connection] = connections(recording)
    .filter(({ openMs }) => openMs !== undefined)
    .slice(-1)
  const end = connection?.end?.event
  if (!mark || !end || isOpenAt(connection, mark.ms)) return reached(recording, 'aborted when it had connected')
  return {
    seen: 'After connectToAny() connected, the lab aborted its signal, which closed the connection.',
    looksLike: 'ends-what-it-returned',
    show: [abort, end],
    wrong: { event: end, instead: STAYS },
  }
}

/** The connection was lost, and another one came that nobody had asked for. */
export function comesBack(recording: Recording): Shortfall | undefined {
  const loss = markOf(recording, 'the loss')
  const another = connections(recording).find(({ acceptedMs }) => loss && acceptedMs > loss.ms)
  return (
    another && {
      seen: "After the connection that connectToAny() returned was lost, another one was opened, although the caller hadn't asked for it.",
      looksLike: 'comes-back-by-itself',
      show: [loss, another.accepted],
      wrong: {
        event: another.accepted,
        instead: 'nothing, because the caller of connectToAny() decides what to do about a loss',
      },
    }
  )
}
