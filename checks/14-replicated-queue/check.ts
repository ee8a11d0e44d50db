import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  reached,
  type Settlement,
  type Stage,
  said,
  settled,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { type Connection, connections } from '../../lab/recording/connections.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import type { Student } from '../../lab/student/student.ts'
import type { Fault } from '../../lab/wire/fault.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { firstComer } from '../../lab/wire/faults/first-comer.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { silent } from '../../lab/wire/faults/silent.ts'

// Nothing here may be judged by how quick the machine is: see the comments in lesson 02's check. What should come is
// given turns, which pass only while the lab's process and the student's both run.

const QUEUE = 'tasks'
const TIMEOUT_MS = 250
/** For what must not fail because the broker is slow. */
const PATIENT = { timeoutMs: 60_000 }
/** Rejecting needs nothing but the event loop: 100 turns, a second at least, are plenty. */
const MOMENTS = 100
/** For what needs the broker as well. */
const LONG = 500
/** A wait that no right exercise would be in: whoever waits is seen waiting. */
const VERY_LONG_MS = 20_000
const SHORT = { delayMs: 60, maxDelayMs: 100, ...PATIENT }
/** In turns: the longest wait and 200 ms; see lesson 02's check. */
const OVERSLEPT = (SHORT.maxDelayMs + 200) / 10
/** A cluster chooses a new leader within a second; on a machine that is busy, within many. */
const ELECTION_MS = 30_000

const A = closeInHandshake({ at: 'connection.start', how: 'reset' })
const B = closeInHandshake({ at: 'protocol-header', how: 'end' })
const C = closeInHandshake({ at: 'accept', how: 'reset' })
/** How each of three nodes fails, round by round. */
const ROUNDS = [
  [A, C, B],
  [B, A, C],
  [C, B, A],
]
const FAILURES = ROUNDS.flat().length

// They take turns at the cluster: the one that is quickly mended comes first.
const frozen = scenario(
  'another node hangs',
  async (stage) => {
    const nodes = await stage.wiresToNodes()
    const urls = nodes.map(({ url }) => url)
    const service = await stage.student()
    await connected(service, 'first', urls, { delayMs: 100, timeoutMs: 10_000 })
    await service.ask('declare', { name: 'first', queue: QUEUE }, { limitMs: ELECTION_MS })
    await service.ask('publish', { name: 'first', queue: QUEUE, tasks: tasks(1, 5) }, { limitMs: ELECTION_MS })
    const others = nodes.filter(({ wire }) => wire.openConnections() === 0)
    const [hanging] = others
    if (hanging === undefined || others.length !== nodes.length - 1) return
    await stage.harm(hanging.node, 'freeze')
    await service.ask('publish', { name: 'first', queue: QUEUE, tasks: tasks(6, 10) }, { limitMs: ELECTION_MS })
    stage.mark('published on')
    // Whoever meets the node that hangs gives it up, and finds one of the two that don't.
    await connected(service, 'second', urls, { delayMs: 100, timeoutMs: 2000 })
    await consumeAll(service, 'second', 10)
    stage.mark('all delivered')
  },
  { needs: ['cluster'] },
)

const killed = scenario(
  'a node is killed',
  async (stage) => {
    const nodes = await stage.wiresToNodes()
    const urls = nodes.map(({ url }) => url)
    const service = await stage.student()
    await connected(service, 'first', urls, { delayMs: 100, timeoutMs: 10_000 })
    await service.ask('declare', { name: 'first', queue: QUEUE }, { limitMs: ELECTION_MS })
    await service.ask('publish', { name: 'first', queue: QUEUE, tasks: tasks(1, 10) }, { limitMs: ELECTION_MS })
    stage.mark('published')
    const its = nodes.find(({ wire }) => wire.openConnections() > 0)
    if (its === undefined) return
    // The client is at this node, and so is the queue's leader: whoever declares a queue has it near.
    await stage.harm(its.node, 'kill')
    await service.told('lost', { limitMs: ELECTION_MS, what: 'the end of the connection to the node that was killed' })
    await connected(service, 'second', urls, { delayMs: 100, timeoutMs: 10_000 })
    await service.ask('declare', { name: 'second', queue: QUEUE }, { limitMs: ELECTION_MS })
    stage.mark('declared again')
    await service.ask('publish', { name: 'second', queue: QUEUE, tasks: tasks(11, 20) }, { limitMs: ELECTION_MS })
    stage.mark('published on')
    await consumeAll(service, 'second', 20)
    stage.mark('all delivered')
  },
  { needs: ['cluster'] },
)

const hanging = scenario('all nodes hang', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const faults = await Promise.all(nodes.map(({ wire }) => wire.switchOn(silent({ answer: 'late' }))))
  const service = await stage.student()
  const options = { delayMs: 20, maxDelayMs: 40, timeoutMs: TIMEOUT_MS }
  const call = service.call('connect', { urls: nodes.map(({ url }) => url), name: 'hanging', options })
  // Three timeouts and more: three seconds at least.
  const thrice = () => connections(stage.recorder).length >= nodes.length
  if (!(await inTurns(service, 300, () => thrice() || hasSettled(stage, call))) || !thrice()) return
  stage.mark('tried on')
  // Whoever forgot an attempt without closing it gets its answer now. Whether it may give up is judged elsewhere.
  for (const fault of faults) await fault.off()
  const { ok } = await service.settled(call, 'connectToAny()', { limitMs: 20_000 })
  await inTurns(service, LONG, () => connections(stage.recorder).every(({ end, openMs }) => end ?? openMs))
  await inTurns(service, MOMENTS, () => open(stage) === (ok ? 1 : 0))
  stage.mark('looked at what is open')
})

const down = scenario('all nodes are down, and come up', async (stage) => {
  const nodes = await stage.wiresToNodes()
  await Promise.all(nodes.map(({ wire }, i) => wire.switchOn(inTurn(ROUNDS[i] ?? []))))
  const service = await stage.student()
  const call = service.call('connect', { urls: nodes.map(({ url }) => url), name: 'down', options: SHORT })
  for (let failure = 1; failure <= FAILURES; failure++) {
    const failed = () => connections(stage.recorder).filter(({ end }) => end?.by === 'lab').length >= failure
    const patience = failure === 1 ? LONG : OVERSLEPT
    if (!(await inTurns(service, patience, () => failed() || hasSettled(stage, call)))) {
      return void stage.mark('no other attempt came')
    }
  }
  if (
    !(await inTurns(service, OVERSLEPT, () => connections(stage.recorder).length > FAILURES || hasSettled(stage, call)))
  )
    return void stage.mark('no other attempt came')
  await service.settled(call, 'connectToAny()', { limitMs: 20_000 })
  stage.mark('settled')
})

/** The node that is tried first is down; any other will do. */
const ANOTHER = 'another node'

const oneUp = scenario('one node is up, each in its turn', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const urls = nodes.map(({ url }) => url)
  const service = await stage.student()
  const connects = async (name: string) => {
    const call = service.call('connect', { urls, name, options: { delayMs: VERY_LONG_MS, ...PATIENT } })
    const has = await inTurns(service, LONG, () => hasSettled(stage, call))
    stage.mark(has ? `settled ${name}` : 'no other node was tried')
    return has
  }
  // Who tries the nodes in an order that chance decides can be lucky with all that comes after this, but not here.
  const faults = firstComer(nodes.length)
  const switched = await Promise.all(nodes.map(({ wire }, i) => wire.switchOn(faults[i] as Fault)))
  if (!(await connects(ANOTHER))) return
  for (const fault of switched) await fault.off()
  for (const [i, { node, wire }] of nodes.entries()) {
    const [one, other] = nodes.filter((each) => each.wire !== wire)
    await using _closed = await one?.wire.switchOn(refuse())
    await using _broken = await other?.wire.switchOn(i % 2 === 0 ? C : B)
    if (!(await connects(node))) return
  }
})

const aborted = scenario('aborted, in an attempt and in a wait', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const urls = nodes.map(({ url }) => url)
  const service = await stage.student()
  const early = service.call('connect', { urls, name: 'early', aborted: true, options: SHORT })
  await inTurns(service, MOMENTS, () => hasSettled(stage, early) || connections(stage.recorder).length > 0)
  stage.mark('early')

  const faults = await Promise.all(nodes.map(({ wire }) => wire.switchOn(silent({ answer: 'late' }))))
  const before = connections(stage.recorder).length
  const attempt = service.call('connect', { urls, name: 'attempt', options: { delayMs: 50, ...PATIENT } })
  if (!(await inTurns(service, LONG, () => connections(stage.recorder).length > before || hasSettled(stage, attempt))))
    return
  // Whoever asks all nodes at once has begun with all of them by then.
  await inTurns(service, 2, () => false)
  await abort('attempt', attempt, stage, service)
  // Only time shows that no other node is tried.
  await inTurns(service, 20, () => connections(stage.recorder).length > before + 1)
  for (const fault of faults) await fault.off()
  await inTurns(service, MOMENTS, () => open(stage) === 0)
  stage.mark('no attempt came after it')

  const broken = await Promise.all(nodes.map(({ wire }) => wire.switchOn(C)))
  const soFar = connections(stage.recorder).length
  const wait = service.call('connect', { urls, name: 'wait', options: { delayMs: VERY_LONG_MS, ...PATIENT } })
  const tried = () =>
    connections(stage.recorder)
      .slice(soFar)
      .filter(({ end }) => end).length >= urls.length
  // Whoever does not try all of them, or waits before, is waiting all the same.
  await inTurns(service, LONG, () => tried() || hasSettled(stage, wait))
  await service.ping()
  // Whoever gave up after a round is not waiting: that is judged elsewhere.
  if (hasSettled(stage, wait)) stage.mark('aborted wait')
  else await abort('wait', wait, stage, service)
  for (const fault of broken) await fault.off()
})

const without = scenario('no nodes at all', async (stage) => {
  const service = await stage.student()
  const call = service.call('connect', { urls: [], name: 'none', options: SHORT })
  await inTurns(service, MOMENTS, () => hasSettled(stage, call))
  stage.mark('looked at it')
})

const declared = scenario('the queue is declared, and the connection is lost', async (stage) => {
  const [node] = await stage.wiresToNodes()
  if (node === undefined) return
  const service = await stage.student()
  await connected(service, 'first', [node.url], { delayMs: 100, ...PATIENT })
  await service.ask('declare', { name: 'first', queue: QUEUE })
  stage.mark('declared')
  await service.ask('publish', { name: 'first', queue: QUEUE, tasks: tasks(1, 20) })
  stage.mark('published')
  await service.ask('declare', { name: 'first', queue: QUEUE })
  await stage.observer.drain(QUEUE).catch(() => [])
  stage.mark('declared again')
  const loss = stage.mark('the loss')
  await node.wire.switchOn(reset())
  await service.told('lost', { after: loss, what: 'your process to notice the lost connection' })
  await service.ping()
  stage.mark('lived on')
})

const noAnswer: Settlement = {
  ok: false,
  value: undefined,
  event: { kind: 'told', ms: 0, student: 1, name: '', data: {} },
}

/** Has the exercise connect, and the driver keep the connection under this name. @throws StudentGone when it rejects */
async function connected(service: Student, name: string, urls: string[], options: object): Promise<void> {
  const answer = await service.ask('connect', { urls, name, options }, { limitMs: ELECTION_MS })
  if (!answer.ok)
    await service.told('connected', { limitMs: 1, what: `connectToAny() to connect (${answer.error?.message})` })
}

async function consumeAll(service: Student, name: string, count: number): Promise<void> {
  await service.ask('consume', { name, queue: QUEUE }, { limitMs: ELECTION_MS })
  await service.told('worked', { count, limitMs: ELECTION_MS, what: `all ${count} tasks to be delivered` })
}

/** 'task 1' to 'task 10'. */
function tasks(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `task ${from + i}`)
}

/** Aborts the signal of a call, and marks what becomes of the call within moments. */
async function abort(name: string, call: number, stage: Stage, service: Student): Promise<void> {
  service.tell('abort', { name })
  await service.told('aborted', { where: (data) => data.name === name, what: 'your process to take the abort in' })
  stage.mark((await inTurns(service, MOMENTS, () => hasSettled(stage, call))) ? `aborted ${name}` : `pending ${name}`)
}

/** How many connections nobody has ended or closed so far. */
function open({ recorder }: Stage): number {
  return connections(recorder).filter(({ end }) => !end).length
}

/** What became of the call that the lab made under this name. */
function outcome(recording: Recording, name: string): Settlement | undefined {
  return settled(recording, 'connect', (args) => args.name === name)
}

/** The lab's call under this name. */
function asked(recording: Recording, name: string): RecordedEvent | undefined {
  return recording.events.find(
    (event) =>
      event.kind === 'asked' && event.name === 'connect' && JSON.stringify(event.data).includes(`"name":"${name}"`),
  )
}

/** A call that rejected with an error of the code's own shows no misconception. */
function isBug({ error }: Settlement): boolean {
  return /^(Type|Reference|Range)Error$/.test(error?.name ?? '')
}

/** That a connection came; it says to which node. */
function accepted(recording: Pick<Recording, 'events'>, { connection }: Connection): RecordedEvent | undefined {
  return recording.events.find(
    (event) => event.kind === 'tcp' && event.what === 'accepted' && event.connection === connection,
  )
}

function nodeOf(recording: Pick<Recording, 'events'>, connection: Connection): string | undefined {
  const event = accepted(recording, connection)
  return event?.kind === 'tcp' ? event.detail : undefined
}

/** The calls of onRetry in one call of the lab's. */
function retriesOf(recording: Recording, name: string): RecordedEvent[] {
  return told(recording, 'retry').filter(({ data }) => data.name === name)
}

function inOrder(...events: (RecordedEvent | undefined)[]): RecordedEvent[] {
  return events.filter((event) => event !== undefined).sort((one, other) => one.ms - other.ms)
}

/** At how many nodes an attempt was seen. */
function nodesTried(recording: Recording): number {
  return new Set(connections(recording).map((each) => nodeOf(recording, each))).size
}

function shown(recording: Recording, which: Connection[]): RecordedEvent[] {
  return recording.events.filter((event) =>
    which.some(
      (one) =>
        one.end?.event === event ||
        (event.kind === 'tcp' && event.what === 'accepted' && event.connection === one.connection) ||
        (event.kind === 'frame' && event.method === 'connection.open-ok' && event.connection === one.connection),
    ),
  )
}

/** The waits between rounds: from the last failure of every node to the next attempt at any. */
function waits(recording: Recording): { ms: number; failure: RecordedEvent; next: Connection }[] {
  const all = connections(recording)
  const found: { ms: number; failure: RecordedEvent; next: Connection }[] = []
  for (let round = 3; round < all.length; round += 3) {
    const failures = all.slice(round - 3, round).flatMap(({ end }) => (end?.by === 'lab' ? [end] : []))
    const last = failures.toSorted((one, other) => one.ms - other.ms).at(-1)
    const next = all[round]
    if (failures.length === 3 && last && next) found.push({ ms: next.acceptedMs - last.ms, failure: last.event, next })
  }
  return found
}

/** The declarations of the queue that ask for more than whether it is there. */
function declaresOf(recording: Recording): FrameEvent[] {
  return recording.events.filter(
    (event): event is FrameEvent =>
      event.kind === 'frame' &&
      event.method === 'queue.declare' &&
      event.fields.queue === QUEUE &&
      event.fields.passive !== true,
  )
}

function argumentsOf(declare: FrameEvent | undefined): Record<string, unknown> {
  return (declare?.fields.arguments as Record<string, unknown> | undefined) ?? {}
}

function typeOf(declare: FrameEvent | undefined): string | undefined {
  const type = argumentsOf(declare)['x-queue-type']
  return typeof type === 'string' ? type : undefined
}

/** The frame that threw confirmed tasks away, where one did. */
function throwing(recording: Recording): FrameEvent | undefined {
  return recording.events.findLast(
    (event): event is FrameEvent =>
      event.kind === 'frame' && (event.method === 'queue.delete' || event.method === 'queue.purge'),
  )
}

/** The broker's refusal. */
function closing(recording: Recording): RecordedEvent | undefined {
  return recording.events.find(
    (event) => event.kind === 'frame' && event.from === 'broker' && event.method === 'channel.close',
  )
}

/** The driver's calls that settled after an event. */
function settledAfter(recording: Recording, since: RecordedEvent) {
  return told(recording, 'settled').filter(({ ms }) => ms >= since.ms)
}

function errorOf(event: { data: Record<string, unknown> }): string {
  return String((event.data.error as { message?: string } | undefined)?.message)
}

export default check('14-replicated-queue', [
  step(
    'It finds a node that is up',
    expectation(
      'connects to the one node that is up, whichever that is, without a wait',
      [oneUp, down],
      (recording, allDown) => {
        const nodes = ['n1', 'n2', 'n3']
        for (const node of [ANOTHER, ...nodes]) {
          const situation =
            node === ANOTHER
              ? 'The node that was tried first was down, and the other two were up.'
              : `Two of three nodes were down, and ${node} was up.`
          const there = node === ANOTHER ? 'to any' : 'to it'
          const answer = outcome(recording, node)
          if (answer?.ok) continue
          const call = asked(recording, node)
          const tried = connections(recording).filter(({ acceptedMs }) => call && acceptedMs >= call.ms)
          if (answer) {
            return {
              seen: `${situation} connectToAny() rejected: ${said(answer)}`,
              looksLike: isBug(answer) ? undefined : 'one-node-only',
              show: [call, ...tried.map((each) => accepted(recording, each)), answer.event],
            }
          }
          const quiet = recording.events.find(
            (event) => event.kind === 'mark' && event.name === 'no other node was tried',
          )
          if (call === undefined || quiet === undefined) return reached(recording, `settled ${node}`)
          return {
            seen: `${situation} delayMs was ${VERY_LONG_MS}, and ${((quiet.ms - call.ms) / 1000).toFixed(0)} s later connectToAny() had not connected ${there}.`,
            looksLike: nodesTried(allDown) < nodes.length ? 'one-node-only' : 'waits-between-nodes',
            show: [
              call,
              ...inOrder(...shown(recording, tried.slice(-2)), ...retriesOf(recording, node).slice(-2)),
              quiet,
            ],
            wrong: {
              event: quiet,
              instead:
                nodesTried(allDown) < nodes.length ? `an attempt at ${node}, too` : `the next node's turn, at once`,
            },
          }
        }
        return undefined
      },
    ),

    expectation('goes on, round after round, until a node answers', down, (recording) => {
      const failed = connections(recording).filter(({ end }) => end?.by === 'lab')
      const answer = outcome(recording, 'down')
      if (answer && !answer.ok) {
        return {
          seen: `All three nodes were down. After ${times(failed.length, 'attempt')} connectToAny() rejected: ${said(answer)}`,
          looksLike: isBug(answer) ? undefined : 'one-round-only',
          show: [...shown(recording, failed.slice(-1)), answer.event],
          wrong: { event: answer.event, instead: 'a wait, and the next round' },
        }
      }
      return marked(recording, 'no other attempt came') && failed.length > 0 ? undefined : reached(recording, 'settled')
    }),

    expectation('rejects when there is no node to try', without, (recording) => {
      const answer = outcome(recording, 'none')
      if (answer && !answer.ok) return undefined
      const [blocked] = findings(recording)
      const mark = recording.events.find((event) => event.kind === 'mark' && event.name === 'looked at it')
      const call = asked(recording, 'none')
      if (call === undefined || (mark === undefined && blocked === undefined)) return reached(recording, 'looked at it')
      const end = answer?.event ?? mark ?? blocked
      return {
        seen: answer
          ? 'connectToAny([]) resolved, without a node to connect to.'
          : `connectToAny([]) was still pending after ${(((end?.ms ?? 0) - call.ms) / 1000).toFixed(1)} s.`,
        looksLike: 'never-without-nodes',
        show: [call, end],
      }
    }),
  ),
  step(
    'It waits between rounds',
    expectation('waits delayMs or more between two rounds', down, (recording) => {
      const all = waits(recording)
      const short = all.find(({ ms }) => ms < 0.9 * SHORT.delayMs)
      if (short) {
        return {
          seen: `delayMs was ${SHORT.delayMs}. Every node had been tried, and the next round began ${short.ms.toFixed(1)} ms after the last failure.`,
          looksLike: 'no-wait',
          show: [short.failure, accepted(recording, short.next)],
          wrong: { event: accepted(recording, short.next), instead: `not before ${SHORT.delayMs} ms have passed` },
        }
      }
      return all.length > 0 ? undefined : reached(recording, 'settled')
    }),

    expectation('never waits longer than maxDelayMs', down, (recording) => {
      if (!marked(recording, 'no other attempt came')) return reached(recording, 'settled')
      const last = connections(recording).at(-1)
      return {
        seen: `maxDelayMs was ${SHORT.maxDelayMs}. After attempt ${connections(recording).length} had failed, more than ${OVERSLEPT * 10} ms passed, and no other came.`,
        looksLike: 'no-cap',
        show: [...shown(recording, last ? [last] : [])],
      }
    }),

    expectation('tells onRetry about each failed attempt, counting on', down, (recording) => {
      const calls = told(recording, 'retry')
      const failed = connections(recording).filter(({ end }) => end?.by === 'lab')
      const wrong = calls.find(({ data }, i) => data.attempt !== i + 1 || data.isError !== true)
      if (wrong) {
        return {
          seen: `Call ${calls.indexOf(wrong) + 1} of onRetry had ${JSON.stringify(wrong.data.attempt) ?? 'nothing'} as its attempt${wrong.data.isError ? '' : ', and no Error'}.`,
          looksLike: 'miscounts-retries',
          show: calls.slice(0, calls.indexOf(wrong) + 1).slice(-4),
          wrong: { event: wrong, instead: `attempt ${calls.indexOf(wrong) + 1}` },
        }
      }
      if (calls.length < failed.length && outcome(recording, 'down')?.ok) {
        return {
          seen: `${times(failed.length, 'attempt')} failed, but onRetry was called ${times(calls.length, 'time')}.`,
          looksLike: 'miscounts-retries',
          show: [...shown(recording, failed.slice(0, 2)), ...calls.slice(0, 2)],
        }
      }
      return calls.length > 0 ? undefined : reached(recording, 'settled')
    }),
  ),
  step(
    'It gives up what hangs, and stops when told',
    expectation('gives up a node that says nothing, and tries the next', hanging, (recording) => {
      const missing = reached(recording, 'tried on')
      const tried = connections(recording)
      if (!missing || tried.length === 0) return missing
      const answer = outcome(recording, 'hanging')
      return {
        seen: answer
          ? `timeoutMs was ${TIMEOUT_MS}, and every node accepted the connection and said nothing. connectToAny() rejected: ${said(answer)}`
          : `timeoutMs was ${TIMEOUT_MS}. The node accepted the connection and said nothing, and seconds later ${tried.length === 1 ? 'it was still the only one' : `only ${tried.length} had been tried`}.`,
        looksLike: answer ? 'one-round-only' : 'no-timeout',
        show: [...shown(recording, tried), answer?.event],
      }
    }),

    expectation('leaves no connection of an attempt that it gave up', hanging, (recording) => {
      const missing = reached(recording, 'looked at what is open')
      if (missing) return missing
      const left = connections(recording).filter(({ end }) => end === undefined)
      const ok = outcome(recording, 'hanging')?.ok
      if (left.length <= (ok ? 1 : 0)) return undefined
      return {
        seen: `connectToAny() ${ok ? 'gave one connection back' : 'gave up'}, but ${left.length} ${left.length === 1 ? 'was' : 'were'} open: nodes had answered late to attempts that it had given up.`,
        looksLike: 'leaks-late-connection',
        show: shown(recording, left),
        wrong: { event: shown(recording, left).at(-1), instead: 'the socket is closed when the attempt is given up' },
      }
    }),

    expectation('rejects with the reason when it is aborted', aborted, (recording) => {
      for (const [name, mark] of [
        ['early', 'early'],
        ['attempt', 'no attempt came after it'],
        ['wait', 'aborted wait'],
      ] as const) {
        const call = asked(recording, name)
        const came = recording.events.find((event) => event.kind === 'mark' && event.name === mark)
        if (call === undefined || came === undefined) {
          const pending = recording.events.find((event) => event.kind === 'mark' && event.name === `pending ${name}`)
          if (!pending) return reached(recording, mark)
        }
        const answer = outcome(recording, name)
        const abort = told(recording, 'aborted').find(({ data }) => data.name === name)
        if (name === 'wait' && answer !== undefined && abort === undefined) continue
        const when = { early: 'before the call', attempt: 'in the middle of an attempt', wait: 'in a wait' }[name]
        const after = connections(recording).filter(
          ({ acceptedMs }) =>
            call !== undefined && came !== undefined && acceptedMs > (abort?.ms ?? call.ms) && acceptedMs < came.ms,
        )
        if (name !== 'wait' && after.length > 0) {
          return {
            seen: `The signal was aborted ${when}, and after that ${times(after.length, 'attempt')} came.`,
            looksLike: 'goes-on-after-abort',
            show: [call, abort, ...shown(recording, after.slice(0, 2))],
          }
        }
        if (!answer) {
          return {
            seen: `The signal was aborted ${when}, and connectToAny() was still pending a second later and more.`,
            looksLike: 'ignores-abort',
            show: [call, abort],
          }
        }
        if (answer.ok || answer.error?.code !== 'SIGNAL_REASON') {
          return {
            seen: `The signal was aborted ${when}. connectToAny() ${answer.ok ? 'resolved' : `rejected with: ${said(answer)}`}`,
            looksLike: answer.ok ? 'ignores-abort' : isBug(answer) ? undefined : 'wrong-reason',
            show: [call, abort, answer.event],
          }
        }
      }
      return undefined
    }),
  ),
  step(
    'Its queue is on several nodes',
    expectation('declares a quorum queue', declared, (recording) => {
      const declares = declaresOf(recording)
      const answer = settled(recording, 'declare')
      const [first] = declares
      if (first && typeOf(first) !== 'quorum') {
        const type = typeOf(first)
        return {
          seen: `The queue was declared ${type === undefined ? 'without a type' : `with the type '${type}'`}, and so it is ${type === undefined ? 'a classic queue' : `a ${type} queue`}.`,
          looksLike: type === undefined || type === 'classic' ? 'classic-queue' : 'another-type',
          show: [first],
          wrong: { event: first, instead: "arguments with 'x-queue-type': 'quorum'" },
        }
      }
      if (answer && !answer.ok) {
        return {
          seen: `declareReplicatedQueue() rejected: ${said(answer)}`,
          looksLike: isBug(answer) ? undefined : 'not-for-quorum',
          show: [first, closing(recording)],
          wrong: { event: first, instead: 'durable, not exclusive, not auto-delete' },
        }
      }
      if (answer && !first) {
        return {
          seen: `declareReplicatedQueue() resolved, but no queue '${QUEUE}' was declared.`,
          show: [answer.event],
        }
      }
      return reached(recording, 'declared')
    }),

    expectation('keeps the confirmed tasks when it is declared again', declared, (recording) => {
      const missing = reached(recording, 'declared again')
      if (missing) return missing
      const confirmed = told(recording, 'confirmed').map(({ data }) => String(data.task))
      const drained = recording.events.find((event) => event.kind === 'broker' && event.what === 'drained')
      const there = drained?.kind === 'broker' ? (drained.data.tasks as { task: string }[]).map(({ task }) => task) : []
      const lost = confirmed.filter((task) => !there.includes(task))
      // What was refused holds nothing.
      if (settled(recording, 'declare')?.ok === false) return undefined
      if (confirmed.length === 0) {
        return { seen: `No task was confirmed: ${said(settled(recording, 'publish') ?? noAnswer)}` }
      }
      if (lost.length === 0) return undefined
      return {
        seen: `The broker had confirmed ${times(confirmed.length, 'task')}. After the queue had been declared once more, ${lost.length === confirmed.length ? 'none of them was' : `${lost.length} of them were not`} in it.`,
        looksLike: 'throws-tasks-away',
        show: [...inOrder(declaresOf(recording)[0], told(recording, 'confirmed').at(-1), throwing(recording)), drained],
        wrong: throwing(recording)
          ? { event: throwing(recording), instead: 'only queue.declare, which changes nothing' }
          : { event: declaresOf(recording)[0], instead: 'no limit that throws tasks away' },
      }
    }),

    expectation('lives on when the connection is lost', declared, (recording) => {
      const [crash] = findings(recording)
      if (crash && marked(recording, 'the loss')) {
        const loss = recording.events.find((event) => event.kind === 'tcp' && event.what === 'reset')
        return {
          seen: `The connection was reset, as it is when a node is lost, and the process ended. ${crash.sentence}`,
          looksLike: 'no-error-listener',
          show: [loss, crash],
        }
      }
      return reached(recording, 'lived on')
    }),
  ),
  step(
    'A node is lost, and no task',
    expectation(
      'with one node of three gone, publishing and consuming go on, and every confirmed task is delivered',
      [frozen, killed],
      (...recordings) => {
        for (const recording of recordings) {
          const harm = recording.events.find((event) => event.kind === 'broker' && event.what.startsWith('node-'))
          const confirmed = told(recording, 'confirmed').map(({ data }) => String(data.task))
          const worked = new Set(told(recording, 'worked').map(({ data }) => data.task))
          const lost = confirmed.filter((task) => !worked.has(task))
          if (marked(recording, 'all delivered') && confirmed.length > 0 && lost.length === 0) continue
          const what = harm?.kind === 'broker' && harm.what === 'node-killed' ? 'killed' : 'hanging'
          const [first] = declaresOf(recording)
          const members = Number(argumentsOf(first)['x-quorum-initial-group-size'] ?? 3)
          if (harm === undefined || findings(recording).length > 0) {
            return reached(recording, 'all delivered') ?? { seen: 'The scenario came to no node that could be harmed.' }
          }
          const after = settledAfter(recording, harm).find((event) => event.data.ok === false)
          const waited = recording.events.findLast((event) => event.kind === 'awaited')
          return {
            seen:
              lost.length > 0 && marked(recording, 'published on')
                ? `One node of three was ${what}. The broker had confirmed ${times(confirmed.length, 'task')}, and ${lost.length} of them did not come to a consumer.`
                : `One node of three was ${what}, and the work did not go on: ${after ? errorOf(after) : waited?.kind === 'awaited' ? `the lab waited ${waited.limitMs / 1000} s for ${waited.what}` : 'nothing more was heard'}.`,
            looksLike: typeOf(first) !== 'quorum' ? 'classic-queue' : members < 3 ? 'too-few-copies' : undefined,
            show: [first, harm, after ?? waited],
            ...(members < 3 && first
              ? { wrong: { event: first, instead: 'no x-quorum-initial-group-size, or 3 and more' } }
              : {}),
          }
        }
        return undefined
      },
    ),
  ),
])
