import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { told } from '../../lab/recording/ask.ts'
import { type Connection, connections } from '../../lab/recording/connections.ts'
import type { WaitOptions } from '../../lab/recording/recorder.ts'
import type { Student } from '../../lab/student/student.ts'
import type { Fault } from '../../lab/wire/fault.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { firstComer } from '../../lab/wire/faults/first-comer.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import { silent } from '../../lab/wire/faults/silent.ts'
import type { RetryOptions } from '../shared/retrying.ts'

// Nothing here may be judged by how quick the machine is: see lesson 02's scenarios. What should come is given turns, which
// pass only while the lab's process and the student's both run.

export const QUEUE = 'tasks'
export const TIMEOUT_MS = 250
/** For what must not fail because the broker is slow. */
const PATIENT = { timeoutMs: 60_000 }
/** Rejecting needs nothing but the event loop: 100 turns, a second at least, are plenty. */
const MOMENTS = 100
/** For what needs the broker as well. */
const LONG = 500
/** A wait that no right exercise would be in: whoever waits is seen waiting. */
export const VERY_LONG_MS = 20_000
export const SHORT = { delayMs: 60, maxDelayMs: 100, ...PATIENT }
/** Waits of a few milliseconds, for a great many failures. */
const QUICK = { delayMs: 2, maxDelayMs: 4, ...PATIENT }
/** More attempts than any limit that people set. */
const MANY = 120
/** In turns: the longest wait and 200 ms; see lesson 02's scenarios. */
export const OVERSLEPT = (SHORT.maxDelayMs + 200) / 10
/** A cluster chooses a new leader within a second; on a machine that is busy, within many. */
const ELECTION = { limitMs: 30_000 }

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

// They take turns at the cluster: the one that is quickly fixed comes first.
export const frozen = inCluster('another node hangs', async (stage) => {
  const { nodes, service } = await withTasks(stage, 5)
  const others = nodes.filter(({ wire }) => wire.openConnections() === 0)
  const [hanging] = others
  if (hanging === undefined || others.length !== nodes.length - 1) return
  await stage.harm(hanging.node, 'freeze')
  await publish(service, 'first', [6, 10], ELECTION)
  stage.mark('published on')
  // Whoever meets the node that hangs gives it up, and finds one of the two that don't.
  await connected(stage, service, nodes, 'second', { delayMs: 100, timeoutMs: 2000 })
  await consumeAll(service, 10)
  stage.mark('all delivered')
})

export const killed = inCluster('a node is killed', async (stage) => {
  const { nodes, service } = await withTasks(stage, 10)
  stage.mark('published')
  const its = nodes.find(({ wire }) => wire.openConnections() > 0)
  if (its === undefined) return
  // The client is at this node, and so is the queue's leader: whoever declares a queue has it near.
  await stage.harm(its.node, 'kill')
  await service.told('lost', { ...ELECTION, what: 'the end of the connection to the node that was killed' })
  await connected(stage, service, nodes, 'second', { delayMs: 100, timeoutMs: 10_000 })
  await declare(service, 'second', ELECTION)
  stage.mark('declared again')
  await publish(service, 'second', [11, 20], ELECTION)
  stage.mark('published on')
  await consumeAll(service, 20)
  stage.mark('all delivered')
})

export const hanging = scenario('all nodes hang', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const answer = await switchAllOn(nodes, () => silent({ answer: 'late' }))
  const service = await stage.student()
  const options = { delayMs: 20, maxDelayMs: 40, timeoutMs: TIMEOUT_MS }
  const call = connects(service, nodes, 'hanging', options)
  // Three timeouts and more: three seconds at least.
  const thrice = () => attempts(stage).length >= nodes.length
  if (!(await inTurns(service, 300, () => thrice() || hasSettled(stage, call))) || !thrice()) return
  stage.mark('tried on')
  // Whoever forgot an attempt without closing it gets its answer now. Whether it may give up is judged elsewhere.
  await answer.off()
  const { ok } = await service.settled(call, 'connectToAny()', { limitMs: 20_000 })
  await inTurns(service, LONG, () => attempts(stage).every(({ end, openMs }) => end ?? openMs))
  await inTurns(service, MOMENTS, () => open(stage) === (ok ? 1 : 0))
  stage.mark('looked at what is open')
  // A time limit that is still running ends by then.
  await inTurns(service, TIMEOUT_MS / 10, () => open(stage) === 0)
  stage.mark('the time limit has passed')
})

export const down = scenario('all nodes are down, and come up', async (stage) => {
  const nodes = await stage.wiresToNodes()
  await switchAllOn(nodes, (i) => inTurn(ROUNDS[i] ?? []))
  const service = await stage.student()
  const call = connects(service, nodes, 'down', SHORT)
  const comes = (isThere: () => boolean, turns = OVERSLEPT) =>
    inTurns(service, turns, () => isThere() || hasSettled(stage, call))
  for (let failure = 1; failure <= FAILURES; failure++) {
    const failed = () => attempts(stage).filter(({ end }) => end?.by === 'lab').length >= failure
    if (!(await comes(failed, failure === 1 ? LONG : OVERSLEPT))) return void stage.mark('no other attempt came')
  }
  if (!(await comes(() => attempts(stage).length > FAILURES))) return void stage.mark('no other attempt came')
  await service.settled(call, 'connectToAny()', { limitMs: 20_000 })
  stage.mark('settled')
})

export const shut = scenario('the ports of all nodes stay closed', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const closed = await switchAllOn(nodes, () => refuse())
  const service = await stage.student()
  const call = connects(service, nodes, 'shut', QUICK)
  const made = () => told(stage.recorder, 'attempt').length
  while (made() < MANY) {
    const before = made()
    const goesOn = await inTurns(service, OVERSLEPT, () => made() > before || hasSettled(stage, call))
    if (hasSettled(stage, call)) return
    if (!goesOn) return void stage.mark('no other attempt came')
  }
  stage.mark('tried many times')
  await closed.off()
  await service.settled(call, 'connectToAny()', { limitMs: 20_000 })
  stage.mark('connected')
})

/** The node that is tried first is down; any other will do. */
export const ANOTHER = 'another node'

export const oneUp = scenario('one node is up, each in its turn', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const service = await stage.student()
  const finds = async (name: string) => {
    const call = connects(service, nodes, name, { delayMs: VERY_LONG_MS, ...PATIENT })
    const has = await inTurns(service, LONG, () => hasSettled(stage, call))
    stage.mark(has ? `settled ${name}` : 'no other node was tried')
    return has
  }
  // Who tries the nodes in an order that chance decides can be lucky with all that comes after this, but not here.
  const faults = firstComer(nodes.length)
  const first = await switchAllOn(nodes, (i) => faults[i] as Fault)
  if (!(await finds(ANOTHER))) return
  await first.off()
  for (const [i, { node, wire }] of nodes.entries()) {
    const [one, other] = nodes.filter((each) => each.wire !== wire)
    await using _closed = await one?.wire.switchOn(refuse())
    await using _broken = await other?.wire.switchOn(i % 2 === 0 ? C : B)
    if (!(await finds(node))) return
  }
  const last = nodes.at(-1)?.node ?? ''
  service.tell('abort', { name: last })
  await service.told('aborted', { what: 'your process to handle the abort' })
  await inTurns(service, 2)
  stage.mark('aborted when it had connected')
})

export const aborted = scenario('aborted, in an attempt and in a wait', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const service = await stage.student()
  const early = connects(service, nodes, 'early', SHORT, true)
  await inTurns(service, MOMENTS, () => hasSettled(stage, early) || attempts(stage).length > 0)
  stage.mark('early')

  const answer = await switchAllOn(nodes, () => silent({ answer: 'late' }))
  const before = attempts(stage).length
  const attempt = connects(service, nodes, 'attempt', { delayMs: 50, ...PATIENT })
  if (!(await inTurns(service, LONG, () => attempts(stage).length > before || hasSettled(stage, attempt)))) return
  // Whoever asks all nodes at once has begun with all of them by then.
  await inTurns(service, 2)
  await abort('attempt', attempt, stage, service)
  // Only time shows that no other node is tried.
  await inTurns(service, 20, () => attempts(stage).length > before + 1)
  await answer.off()
  await inTurns(service, MOMENTS, () => open(stage) === 0)
  stage.mark('no attempt came after it')

  const broken = await switchAllOn(nodes, () => C)
  const soFar = attempts(stage).length
  const wait = connects(service, nodes, 'wait', { delayMs: VERY_LONG_MS, ...PATIENT })
  const tried = () => {
    const ended = attempts(stage)
      .slice(soFar)
      .filter(({ end }) => end)
    return ended.length >= nodes.length
  }
  // Whoever does not try all of them, or waits before, is waiting all the same.
  await inTurns(service, LONG, () => tried() || hasSettled(stage, wait))
  await service.ping()
  // Whoever gave up after a round is not waiting: that is judged elsewhere.
  if (hasSettled(stage, wait)) stage.mark('aborted wait')
  else await abort('wait', wait, stage, service)
  await broken.off()
})

export const without = scenario('no nodes at all', async (stage) => {
  const service = await stage.student()
  const call = connects(service, [], 'none', SHORT)
  await inTurns(service, MOMENTS, () => hasSettled(stage, call))
  stage.mark('looked at it')
})

export const declared = scenario('the queue is declared, and the connection is lost', async (stage) => {
  const [node] = await stage.wiresToNodes()
  if (node === undefined) return
  const service = await stage.student()
  await connected(stage, service, [node], 'first', { delayMs: 100, ...PATIENT })
  await declare(service, 'first')
  stage.mark('declared')
  await publish(service, 'first', [1, 20])
  stage.mark('published')
  await declare(service, 'first')
  await stage.observer.drain(QUEUE).catch(() => [])
  stage.mark('declared again')
  const loss = stage.mark('the loss')
  await node.wire.switchOn(reset())
  await service.told('lost', { after: loss, what: 'your process to notice the lost connection' })
  await service.ping()
  // Whoever connects again by itself has begun by now.
  await inTurns(service, 20, () => open(stage) > 0)
  stage.mark('lived on')
})

type Nodes = Awaited<ReturnType<Stage['wiresToNodes']>>

function inCluster(name: string, play: (stage: Stage) => Promise<void>) {
  return scenario(name, play, { needs: ['cluster'] })
}

/** A service that is connected to a node, has declared the queue, and published so many tasks. */
async function withTasks(stage: Stage, count: number) {
  const nodes = await stage.wiresToNodes()
  const service = await stage.student()
  await connected(stage, service, nodes, 'first', { delayMs: 100, timeoutMs: 10_000 })
  await declare(service, 'first', ELECTION)
  await publish(service, 'first', [1, count], ELECTION)
  return { nodes, service }
}

/** Has the exercise connect, and the driver keep the connection under this name. */
function connects(service: Student, nodes: Nodes, name: string, options: RetryOptions, aborted = false): number {
  return service.call('connect', { urls: nodes.map(({ url }) => url), name, ...(aborted && { aborted }), options })
}

/** As connects(), until it has. @throws NeverCame when it rejects */
async function connected(stage: Stage, service: Student, nodes: Nodes, name: string, options: RetryOptions) {
  const { ok, error } = await service.settled(connects(service, nodes, name, options), 'connect()', ELECTION)
  const what = `connectToAny() to connect (${error?.message})`
  if (!ok) await stage.recorder.waitFor(what, () => false, { limitMs: 1 })
}

function declare(service: Student, name: string, options?: WaitOptions) {
  return service.ask('declare', { name, queue: QUEUE }, options)
}

/** Publishes 'task 1' to 'task 10', or from another to another. */
function publish(service: Student, name: string, [from, to]: [number, number], options?: WaitOptions) {
  const tasks = Array.from({ length: to - from + 1 }, (_, i) => `task ${from + i}`)
  return service.ask('publish', { name, queue: QUEUE, tasks }, options)
}

async function consumeAll(service: Student, count: number): Promise<void> {
  await service.ask('consume', { name: 'second', queue: QUEUE }, ELECTION)
  await service.told('worked', { count, ...ELECTION, what: `all ${count} tasks to be delivered` })
}

async function switchAllOn(nodes: Nodes, fault: (index: number) => Fault) {
  const faults = await Promise.all(nodes.map(({ wire }, i) => wire.switchOn(fault(i))))
  return {
    async off() {
      for (const fault of faults) await fault.off()
    },
  }
}

/** Aborts the signal of a call, and marks what becomes of the call within moments. */
async function abort(name: string, call: number, stage: Stage, service: Student): Promise<void> {
  service.tell('abort', { name })
  await service.told('aborted', { where: (data) => data.name === name, what: 'your process to handle the abort' })
  stage.mark((await inTurns(service, MOMENTS, () => hasSettled(stage, call))) ? `aborted ${name}` : `pending ${name}`)
}

function attempts({ recorder }: Stage): Connection[] {
  return connections(recorder)
}

/** How many connections nobody has ended or closed so far. */
function open(stage: Stage): number {
  return attempts(stage).filter(({ end }) => !end).length
}
