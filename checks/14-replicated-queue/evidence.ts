import {
  type Connection,
  calls,
  connections,
  findings,
  first,
  frames,
  inOrder,
  marked,
  markOf,
  notReached,
  type Outcome,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  said,
  settled,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { became, endedWrongly, gaveUp } from '../shared/connecting.ts'
import { ANOTHER, OVERSLEPT, SHORT, TIMEOUT_MS, VERY_LONG_MS } from './scenarios.ts'

/** How the exercise finds a node, round after round. */

const NODES = ['n1', 'n2', 'n3']
const NEXT_NODE = 'an immediate attempt to connect to the next node'

/** What became of the call that the lab made under this name. */
export function outcome(recording: Recording, name: string): Outcome | undefined {
  return settled(recording, 'connect', (args) => args.name === name)
}

/** The lab's call under this name. */
function called(recording: Recording, name: string): RecordedEvent | undefined {
  return calls(recording, 'connect').find(({ args }) => args.name === name)
}

/** What shows these connections: that they came, were opened, and ended. */
function shown(recording: Recording, ...which: Connection[]): RecordedEvent[] {
  const opened = frames(recording, 'connection.open-ok')
  const events = which.flatMap(({ connection, accepted, end }) => {
    return [accepted, ...opened.filter((each) => each.connection === connection), end?.event]
  })
  return inOrder(recording, events)
}

/** The connections that the lab broke. */
function broken(recording: Recording): Connection[] {
  return connections(recording).filter(({ end }) => end?.by === 'lab')
}

/** With one node up it did not connect to that node, or only after a wait. */
export function missesTheNode(recording: Recording, allDown: Recording): Shortfall | undefined {
  // One that is tried for each node there is: whoever leaves nodes out shows it where all are down.
  const triesAll = new Set(connections(allDown).map(({ accepted }) => accepted.detail)).size >= NODES.length
  const name = [ANOTHER, ...NODES].find((node) => !outcome(recording, node)?.ok)
  if (name === undefined) return undefined
  const situation =
    name === ANOTHER
      ? 'The node that you tried first was down, and the other two were up.'
      : `Two of three nodes were down, and ${name} was up.`
  const call = called(recording, name)
  const answer = outcome(recording, name)
  const tried = connections(recording).filter(({ acceptedMs }) => call && acceptedMs >= call.ms)
  if (answer) {
    return endedWrongly(answer, `${situation} connectToAny() rejected: ${said(answer)}`, {
      show: [call, ...tried.map(({ accepted }) => accepted)],
      looksLike: 'one-node-only',
      instead: NEXT_NODE,
    })
  }
  const quiet = markOf(recording, 'no other node was tried')
  if (!call || !quiet) return reached(recording, `settled ${name}`)
  const retries = told(recording, 'retry').filter(({ data }) => data.name === name)
  const seconds = ((quiet.ms - call.ms) / 1000).toFixed(0)
  return {
    seen: `${situation} delayMs was ${VERY_LONG_MS}. After ${seconds} s, connectToAny() still hadn't connected to ${name === ANOTHER ? 'either of the other two' : name}.`,
    looksLike: triesAll ? 'waits-between-nodes' : 'one-node-only',
    show: [call, ...shown(recording, ...tried.slice(-2)), ...retries.slice(-2), quiet],
    wrong: { event: quiet, instead: triesAll ? NEXT_NODE : `an attempt to connect to ${name}` },
  }
}

/** It gave up when all nodes were down, after some attempts or after many. */
export function givesUp(down: Recording, shut: Recording): Shortfall | undefined {
  const failed = broken(down)
  const sentence = `All three nodes were down. After ${times(failed.length, 'attempt')}, connectToAny()`
  const show = shown(down, ...failed.slice(-1))
  const short = gaveUp(outcome(down, 'down'), sentence, { show, looksLike: limit(failed.length) })
  if (short) return short
  const tried = told(shut, 'attempt')
  const closed = `The ports of all three nodes were closed. After ${times(tried.length, 'attempt')}, connectToAny()`
  const late = gaveUp(outcome(shut, 'shut'), closed, { show: tried.slice(-2), looksLike: limit(tried.length) })
  if (late) return late
  // Whoever sleeps on for too long has not given up: that is for the waits to judge.
  const isAsleep = [down, shut].some((recording) => marked(recording, 'no other attempt came')) && failed.length > 0
  if (isAsleep) return notReached('your service made no attempt for a long time, so the nodes stayed down')
  return reached(down, 'settled') ?? reached(shut, 'connected')
}

function limit(attempts: number): string {
  return attempts > NODES.length ? 'counts-attempts' : 'one-round-only'
}

/** Without nodes it did not reject. */
export function waitsForNodes(recording: Recording): Shortfall | undefined {
  const answer = outcome(recording, 'none')
  const call = called(recording, 'none')
  const end = answer?.event ?? markOf(recording, 'looked at it') ?? findings(recording)[0]
  if (answer && !answer.ok) return undefined
  if (!call || !end) return reached(recording, 'looked at it')
  return {
    seen: answer
      ? 'connectToAny([]) resolved, although there was no node to connect to.'
      : `connectToAny([]) was still pending after ${((end.ms - call.ms) / 1000).toFixed(1)} s.`,
    looksLike: 'never-without-nodes',
    show: [call, end],
  }
}

/** A round began before delayMs had passed since the last failure of every node. */
export function hasty(recording: Recording): Shortfall | undefined {
  const all = connections(recording)
  const waits = all.flatMap((next, at) => {
    if (at === 0 || at % NODES.length !== 0) return []
    const ends = all.slice(at - NODES.length, at).flatMap(({ end }) => (end?.by === 'lab' ? [end] : []))
    const last = ends.toSorted((one, other) => one.ms - other.ms).at(-1)
    return last && ends.length === NODES.length ? [{ ms: next.acceptedMs - last.ms, failure: last.event, next }] : []
  })
  const short = waits.find(({ ms }) => ms < 0.9 * SHORT.delayMs)
  if (!short) return waits.length > 0 ? undefined : reached(recording, 'settled')
  const { accepted } = short.next
  return {
    seen: `delayMs was ${SHORT.delayMs}. After trying every node, you started the next round only ${short.ms.toFixed(1)} ms after the last failure.`,
    looksLike: 'no-wait',
    show: [short.failure, accepted],
    wrong: { event: accepted, instead: `not before ${SHORT.delayMs} ms have passed` },
  }
}

/** No attempt came when maxDelayMs had long passed. */
export function overslept(recording: Recording): Shortfall | undefined {
  if (!marked(recording, 'no other attempt came')) return reached(recording, 'settled')
  const all = connections(recording)
  const seen = `maxDelayMs was ${SHORT.maxDelayMs}. After attempt ${all.length} failed, you made no other attempt for more than ${OVERSLEPT * 10} ms.`
  // After one round nobody can tell whether it waits, or has nothing left to try.
  return { seen, looksLike: all.length > NODES.length ? 'no-cap' : undefined, show: shown(recording, ...all.slice(-1)) }
}

/** onRetry was not told of each failed attempt. */
export function miscounted(recording: Recording): Shortfall | undefined {
  const looksLike = 'miscounts-retries'
  const retries = told(recording, 'retry')
  const failed = broken(recording)
  const at = retries.findIndex(({ data }, i) => data.attempt !== i + 1 || !data.isError)
  const wrong = retries[at]
  if (wrong) {
    const { attempt, isError } = wrong.data
    return {
      seen: `Call ${at + 1} to onRetry passed ${JSON.stringify(attempt) ?? 'undefined'} as the attempt${isError ? '' : ', and no Error'}.`,
      looksLike,
      show: retries.slice(0, at + 1).slice(-4),
      wrong: { event: wrong, instead: `attempt ${at + 1}` },
    }
  }
  if (retries.length < failed.length && outcome(recording, 'down')?.ok) {
    const seen = `${times(failed.length, 'attempt')} failed, but you called onRetry only ${times(retries.length, 'time')}.`
    return { seen, looksLike, show: [...shown(recording, ...failed.slice(0, 2)), ...retries.slice(0, 2)] }
  }
  return retries.length > 0 ? undefined : reached(recording, 'settled')
}

/** It did not give up a node that says nothing. */
export function hung(recording: Recording): Shortfall | undefined {
  const missing = reached(recording, 'tried on')
  const tried = connections(recording)
  const answer = outcome(recording, 'hanging')
  if (!missing || tried.length === 0) return missing
  const only =
    tried.length === 1 ? 'it was still the only node that you had tried' : `you had tried only ${tried.length} nodes`
  return {
    seen: answer
      ? `timeoutMs was ${TIMEOUT_MS}, and every node accepted the connection but sent nothing. connectToAny() rejected: ${said(answer)}`
      : `timeoutMs was ${TIMEOUT_MS}, and the node accepted the connection but sent nothing. Seconds later, ${only}.`,
    looksLike: answer ? 'one-round-only' : 'no-timeout',
    show: [...shown(recording, ...tried), answer?.event],
  }
}

/** The answer to an attempt that was given up came late, and left a connection. */
export function leaked(recording: Recording): Shortfall | undefined {
  // Why that is, the expectation before this one tells.
  if (!marked(recording, 'tried on') && findings(recording).length === 0)
    return notReached('your service had not given up on any attempt')
  const missing = reached(recording, 'looked at what is open')
  const left = connections(recording).filter(({ end }) => end === undefined)
  const isConnected = outcome(recording, 'hanging')?.ok
  if (missing || left.length <= (isConnected ? 1 : 0)) return missing
  const show = shown(recording, ...left)
  const gave = isConnected ? 'returned one connection' : 'gave up'
  return {
    seen: `connectToAny() ${gave}, but ${left.length === 1 ? '1 connection was' : `${left.length} connections were`} open, because nodes had accepted attempts that your code had already given up on.`,
    looksLike: 'leaks-late-connection',
    show,
    wrong: { event: show.at(-1), instead: 'you close the socket when you give up on the attempt' },
  }
}

const ABORTS = [
  { name: 'early', mark: 'early', when: 'before the call' },
  { name: 'attempt', mark: 'no attempt came after it', when: 'in the middle of an attempt' },
  { name: 'wait', mark: 'aborted wait', when: 'during a wait' },
]

/** A call whose signal was aborted went on, or did not reject with the reason. */
export function deafToAbort(recording: Recording): Shortfall | undefined {
  return first(ABORTS, ({ name, mark, when }) => {
    const call = called(recording, name)
    const came = markOf(recording, mark)
    if (!(call && came) && !marked(recording, `pending ${name}`)) return reached(recording, mark)
    const answer = outcome(recording, name)
    const abort = told(recording, 'aborted').find(({ data }) => data.name === name)
    // It gave up by itself, before it could be aborted.
    if (name === 'wait' && answer && !abort) return undefined
    const since = abort?.ms ?? call?.ms ?? 0
    const after = connections(recording).filter(({ acceptedMs }) => came && acceptedMs > since && acceptedMs < came.ms)
    const wasAborted = `The signal was aborted ${when}`
    if (name !== 'wait' && after.length > 0) {
      const seen = `${wasAborted}, but you made ${times(after.length, 'more attempt')}.`
      return { seen, looksLike: 'goes-on-after-abort', show: [call, abort, ...shown(recording, ...after.slice(0, 2))] }
    }
    if (!answer) {
      const seen = `${wasAborted}, but more than a second later, connectToAny() was still pending.`
      return { seen, looksLike: 'ignores-abort', show: [call, abort] }
    }
    if (!answer.ok && answer.error?.code === 'SIGNAL_REASON') return undefined
    return endedWrongly(answer, `${wasAborted}. connectToAny() ${became(answer)}`, {
      show: [call, abort],
      looksLike: answer.ok ? 'ignores-abort' : 'wrong-reason',
      instead: 'the call rejects with signal.reason itself',
    })
  })
}
