import {
  awaited,
  comesTo,
  during,
  findings,
  frames,
  type Judge,
  marked,
  type Recording,
  returned,
  type Shortfall,
  said,
  told,
} from '../../lab/check/evidence.ts'
import { Opened, outcome } from './evidence.ts'
import { MOMENTS_MS } from './scenarios.ts'

interface Failure {
  /** The name that the call was made under. */
  name: string
  why: string
  /** What the error, or one that it was made from, says. */
  says: RegExp
  /** The attempts never come to the wire. */
  offWire?: boolean
}

const VHOST = /NOT.ALLOWED|\b530\b|ConnectionClose|v(irtual )?host/i
const BROKEN = /ECONN|reset|clos|abrupt|hang|handshake/i

export const REFUSED: Failure[] = [
  { name: 'wrong-password', why: 'The password was wrong', says: /ACCESS.REFUSED|\b403\b/i },
  { name: 'no-virtual-host', why: 'There was no such virtual host', says: VHOST },
]

export const UNREACHABLE: Failure[] = [
  { name: 'closed-port', why: 'The port was closed', says: /refused/i, offWire: true },
  { name: 'broken-off', why: 'The lab reset the connection before it was open', says: BROKEN },
]

/** What the end of the process looks like, by the finding's ID. */
const ENDS: Record<string, string> = { exited: 'exits-on-failure', 'unhandled-rejection': 'floating-promise' }

/** Calls that had to reject did something else. */
export function failedOtherwise(failures: Failure[]): Judge[] {
  const judges = failures.map((failure) => (recording: Recording) => otherwise(recording, failure))
  return [...judges, comesTo('connected afterwards')]
}

function otherwise(recording: Recording, { name, why, says, offWire }: Failure): Shortfall | undefined {
  if (!marked(recording, name)) return undefined
  const call = during(recording, 'open', (args) => args.name === name)
  const tries = offWire ? told(call, 'attempt') : frames(call, 'protocol-header')
  const resets = call.events.filter((event) => event.kind === 'tcp' && event.by === 'lab')
  const answer = outcome(recording, name)
  const show = [...tries, ...frames(call, 'connection.close'), ...resets, answer?.event]
  const [end] = findings(call)
  if (tries.length > 1) {
    return {
      seen: `${why}, but your service made ${tries.length === 2 ? 'another attempt' : `${tries.length - 1} more attempts`}.`,
      looksLike: 'retries',
      show: [...tries.slice(0, 3), answer?.event],
      wrong: { event: tries[1], instead: 'no second attempt, because openConnection() rejects after the first' },
    }
  }
  if (end) {
    const instead = 'the process keeps running, and the caller gets the error'
    return { seen: `${why}. ${end.sentence}`, looksLike: ENDS[end.id], show: [...show, end], instead }
  }
  if (!answer) {
    const seen = `${why}, but ${MOMENTS_MS / 1000} s later openConnection() was still pending.`
    const instead = 'openConnection() rejects with the error'
    return { seen, looksLike: 'never-settles', show: [...show, awaited(call)], instead }
  }
  if (answer.ok) {
    const seen = `${why}, but openConnection() resolved with ${returned(answer, Opened)?.is}.`
    const wrong = { event: answer.event, instead: 'the call rejects with the error' }
    return { seen, looksLike: 'swallows-failure', show, wrong }
  }
  const errors = told(call, 'rejected').flatMap(({ data }) => data.errors ?? [])
  if (errors.some(({ name, message, code }) => says.test(`${name} ${message} ${code}`))) return undefined
  const seen = `${why}, but openConnection() rejected with: ${said(answer)}`
  const wrong = { event: answer.event, instead: 'the call rejects with the original error' }
  return { seen, looksLike: 'hides-error', show, wrong }
}
