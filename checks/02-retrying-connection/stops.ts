import {
  calls,
  connections,
  during,
  type Events,
  frames,
  marked,
  markOf,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  said,
  settled,
  since,
  tcp,
  told,
} from '../../lab/check/evidence.ts'
import { became, endedWrongly, shown } from '../shared/connecting.ts'
import { outcome } from './evidence.ts'
import { TIMEOUT_MS } from './scenarios.ts'

/** Where it has to stop: at a refusal, at an abort, and when it is connected. */

/** What happened from the call under this name to the next. */
function callOf(recording: Recording, name: string): Events {
  return during(recording, 'connect', (args) => (args.name ?? 'first') === name)
}

function abortOf(recording: Events, name: string): RecordedEvent | undefined {
  return told(recording, 'aborted').find(({ data }) => data.name === name)
}

/** A refused login was tried again, or its error did not reach the caller. */
export function refusedOtherwise(recording: Recording, name: string, what: string): Shortfall | undefined {
  const answer = outcome(recording, name)
  const { events } = callOf(recording, name)
  const [first, ...more] = connections(recording).filter(({ accepted }) => events.includes(accepted))
  const show = shown(recording, first)
  const no = `The broker refused the login because ${what},`
  if (more[0]) {
    return {
      seen: `${no} but your service made ${more.length === 1 ? 'another attempt' : `${more.length} more attempts`}.`,
      looksLike: 'retries-refusal',
      show: [...show, more[0].accepted],
      wrong: { event: more[0].accepted, instead: 'no second attempt, because the broker will refuse that one too' },
    }
  }
  const missing = reached(recording, `refused ${name}`)
  if (missing || !answer) return missing ?? { seen: `${no} and nothing followed.` }
  const isTold = /ACCESS.REFUSED|NOT.ALLOWED|\b(403|530)\b|ConnectionClose|vhost/i.test(said(answer))
  if (!answer.ok && isTold) return undefined
  const instead = "the call rejects with the broker's own error"
  return endedWrongly(answer, `${no} but connectWithRetry() ${became(answer)}`, {
    show,
    looksLike: 'hides-refusal',
    instead,
  })
}

/** An aborted call did not reject within moments, or not with the signal's reason. */
export function deafToAbort(recording: Recording, name: string, looksLike: string): Shortfall | undefined {
  const answer = outcome(recording, name)
  const aborted = abortOf(recording, name)
  const pending = markOf(recording, `pending ${name}`)
  if (aborted && pending) {
    return {
      seen: `The lab aborted the signal${name === 'in onRetry' ? ' in onRetry, just before the wait' : ''}, but connectWithRetry() was still pending ${((pending.ms - aborted.ms) / 1000).toFixed(1)} s later.`,
      looksLike,
      show: [aborted, pending],
      instead: 'the call rejects within moments of the abort',
    }
  }
  const missing = reached(recording, `settled ${name}`)
  if (missing || !answer || !aborted || answer.error?.code === 'SIGNAL_REASON') return missing
  const early = answer.event.ms < aborted.ms
  const seen = `${early ? 'Before' : 'After'} the lab aborted the signal, connectWithRetry() ${became(answer)}`
  const instead = 'the call rejects with signal.reason itself'
  return endedWrongly(answer, seen, { show: [aborted], looksLike: early ? undefined : 'wrong-reason', instead })
}

/** The connection of an attempt that was aborted is left open. */
export function leftOpen(recording: Recording): Shortfall | undefined {
  const [first] = connections(recording)
  if (marked(recording, 'no connection left') || !first?.openMs) return reached(recording, 'no connection left')
  return {
    seen: 'After the lab aborted the attempt, the broker accepted the connection, and your service left it open.',
    looksLike: 'leaks-late-connection',
    show: shown(recording, first),
    instead: 'your service closes the socket when the lab aborts the attempt',
  }
}

/** An attempt began after an abort. The driver tells of both over the same line, and of the abort before it aborts. */
export function triedAfterAbort(recording: Recording, name: string): Shortfall | undefined {
  const span = callOf(recording, name)
  const [call] = calls(span, 'connect')
  const early = call?.args.aborted === true
  const aborted = early ? call : abortOf(span, name)
  const [later] = told(since(span, aborted), 'attempt')
  if (!aborted || !later) return undefined
  return {
    seen: early
      ? 'The lab aborted the signal before the call, but your service made an attempt.'
      : `The lab aborted the signal, but your service started another attempt ${(later.ms - aborted.ms).toFixed(0)} ms later.`,
    looksLike: early ? 'starts-when-aborted' : 'tries-after-abort',
    show: [aborted, later],
    instead: 'no attempt after an abort',
  }
}

/** A call whose signal was aborted before it did not reject with the reason. */
export function deafToEarlyAbort(recording: Recording, name: string): Shortfall | undefined {
  const answer = outcome(recording, name)
  if (answer?.error?.code === 'SIGNAL_REASON') return undefined
  const show = calls(callOf(recording, name), 'connect')
  const seen = 'The lab aborted the signal before the call. Your service made no attempt, but connectWithRetry()'
  if (!answer) return { seen: `${seen} didn't reject.`, looksLike: 'starts-when-aborted', show }
  const instead = 'the call rejects with signal.reason'
  return endedWrongly(answer, `${seen} ${became(answer)}`, { show, looksLike: 'wrong-reason', instead })
}

/** An abort ended the connection after the call had resolved. */
export function endedByAbort(recording: Recording): Shortfall | undefined {
  const aborted = abortOf(recording, 'aborted')
  const { events } = callOf(recording, 'aborted')
  const end = connections(recording).find(({ accepted }) => events.includes(accepted))?.end
  const lost = end && aborted && end.by !== 'lab' && end.ms > aborted.ms
  const useless = marked(recording, 'used after a late abort') && !settled(recording, 'use')?.ok
  if (!outcome(recording, 'aborted')?.ok || !(lost || useless)) return undefined
  return {
    seen: 'The lab aborted the signal after connectWithRetry() had resolved, which made the connection unusable.',
    looksLike: 'abort-after-success',
    show: [aborted, end?.event],
    wrong: { event: end?.event, instead: 'the connection stays open' },
  }
}

/** A timeout ended the connection after the call had resolved. */
export function endedByTimeout(recording: Recording): Shortfall | undefined {
  const last = connections(recording).findLast(({ openMs }) => openMs !== undefined)
  if (!marked(recording, 'timeoutMs after success') || !last?.end) return undefined
  return {
    seen: `timeoutMs was ${TIMEOUT_MS}. The connection opened, but your service closed it ${(last.end.ms - (last.openMs ?? 0)).toFixed(0)} ms later.`,
    looksLike: 'timeout-after-success',
    show: shown(recording, last),
    wrong: { event: last.end.event, instead: 'the connection stays open' },
  }
}

/** A connection that nobody asked for came after the loss of one, or after close(). */
export function cameBack(recording: Recording): Shortfall | undefined {
  const [loss, closing] = [markOf(recording, 'the loss'), markOf(recording, 'closing')]
  const close = settled(recording, 'close')
  if (close && !close.ok)
    return { seen: `The lab called close() on the connection, but the call failed: ${said(close)}` }
  const isLoss = !marked(recording, 'nothing came after the loss')
  const after = since(recording, isLoss ? loss : closing)
  const [anew] = connections(after)
  if (!anew || marked(recording, 'nothing came after close()')) return undefined
  const ends = isLoss ? tcp(after, 'reset') : frames(after, 'connection.close')
  return {
    seen: `${isLoss ? 'After the connection was lost' : 'After the lab called close() on the connection'}, your service opened another one, even though the lab hadn't called connectWithRetry() again.`,
    looksLike: 'comes-back',
    show: [...ends, anew.accepted],
    wrong: { event: anew.accepted, instead: 'no new connection, because whether to reconnect is up to the caller' },
  }
}
