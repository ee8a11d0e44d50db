import { setTimeout as sleep } from 'node:timers/promises'
import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { frame, frames, marked, told } from '../../lab/recording/ask.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import type { Recording } from '../../lab/recording/recording.ts'
import { tasks } from '../../lab/recording/tasks.ts'
import type { Student } from '../../lab/student/student.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { letSucceed } from '../shared/consumer-scenarios.ts'
import { MOMENTS_MS } from '../shared/service.ts'
import {
  A_WHILE,
  begins,
  endsByItself,
  failsToConnect,
  hasTold,
  QUEUE,
  startService,
  stopEarly,
  stopSettles,
} from '../shared/service-scenarios.ts'

/** Everybody who sets a limit on what is delivered has room for more than the lab publishes. */
const PREFETCH = 20
const RETRY_DELAY_MS = 50
/** Longer than a stop may usually take: a task takes as long as it takes. */
const LINGER_MS = 5200

export const life = scenario('it starts before its broker, works, and stops', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const accepted = await stage.wire.switchOn(hold({ method: 'basic.consume-ok' }))
  const service = await start(stage)
  await failsToConnect(service)
  await inTurns(service, A_WHILE, () => hasTold(stage, 'ready'))
  await closed.off()
  await stage.sees('basic.consume', { service, limitMs: MOMENTS_MS })
  await stage.wire.sees('basic.consume-ok')
  await inTurns(service, A_WHILE, () => hasTold(stage, 'ready'))
  stage.mark('the broker accepts the consumer')
  await accepted.off()
  await service.told('ready', { what: 'ready to settle', limitMs: MOMENTS_MS })
  await stage.observer.publish(QUEUE, ['resize photo 1'])
  await begins(service, MOMENTS_MS)
  // Whoever acknowledges on arrival has done it by then.
  await inTurns(service, A_WHILE, () => frame(stage.recorder, 'basic.ack') !== undefined)
  service.finish('resolve', service.unfinished)
  await stage.sees('basic.ack', { service, from: 'student', limitMs: MOMENTS_MS })
  stage.mark('worked')
  await service.ask('stop')
  await stopSettles(service, MOMENTS_MS)
  stage.mark('stopped')
  await endsByItself(stage, service, MOMENTS_MS)
})

/** The first and the last are equal. */
export const TASKS = ['resize photo 1', 'resize photo 2', 'resize photo 1']
export const LATE = 'resize a late photo'

export const busy = scenario('stop() in the middle of its work', async (stage) => {
  const service = await atWork(stage, TASKS)
  // The broker does not know yet that it should send no more: one more task comes.
  const cancel = await stage.wire.switchOn(hold({ method: 'basic.cancel', from: 'student' }))
  await service.ask('stop', { times: 2, inHaste: true })
  await inTurns(service, A_WHILE, () => frame(stage.recorder, 'basic.cancel') !== undefined)
  await stage.observer.publish(QUEUE, [LATE])
  await inTurns(service, A_WHILE, () => tasks(stage.recorder).named(LATE).attempts.length > 0)
  stage.mark('a late task was published')
  await cancel.off()
  await holdOut(stage, service, LINGER_MS)
  await service.ask('calm')
  // The oldest comes last, and the newest, its equal, first: whoever waits for the newest, for the first that ends, or for one
  // of two that are equal does not wait for it.
  const [oldest, ...others] = service.unfinished
  for (const one of others.reverse()) {
    service.finish('resolve', [one])
    await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
  }
  stage.mark('the work is done')
  if (oldest) service.finish('resolve', [oldest])
  await service.told('stopped', { count: 2, what: 'both stop() calls to settle', limitMs: MOMENTS_MS })
  await service.ask('stop')
  await service.told('stopped', { count: 3, what: 'a third stop() call to settle', limitMs: MOMENTS_MS })
  await lookWhatIsLeft(stage, service)
})

export const failing = scenario(
  'stop() while a handler fails',
  async (stage) => {
    const service = await atWork(stage, TASKS.slice(0, 2))
    await service.ask('stop')
    // What stop() waits for, it waits for by now.
    await inTurns(service, A_WHILE, () => frame(stage.recorder, 'basic.cancel-ok') !== undefined)
    await service.ping()
    const [first, ...rest] = service.unfinished
    if (!first) return
    service.finish('reject', [first])
    await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
    stage.mark('one failed')
    service.finish('resolve', rest)
    await stopSettles(service, MOMENTS_MS)
    stage.mark('stopped')
    await stage.openConnections(0).catch(goOn)
    await stage.kill(service, QUEUE)
    await takesOver(stage, first.task)
  },
  { students: 2 },
)

export const waiting = scenario('stop() while it waits for its broker', async (stage) => {
  await stage.wire.switchOn(refuse())
  const service = await start(stage, { observed: false, retryDelayMs: 600_000 })
  await failsToConnect(service)
  await stopEarly(stage, service)
})

/** The service has none to close yet: what it gets now is for it to close. */
export const atOnce = scenario('stop() right after its start', async (stage) => {
  await stage.wire.switchOn(refuse())
  await stopEarly(stage, await start(stage, { observed: false, retryDelayMs: 600_000, stops: 2 }))
})

export const greeting = scenario('stop() while the broker opens its connection', async (stage) => {
  const { service, letGo } = await upTo(stage, 'connection.open-ok')
  await stopEarly(stage, service, letGo)
})

/** Nothing behind it is done yet: a set-up that looks at the signal anywhere from here on sees that it was stopped. */
export const opening = scenario('stop() while the broker opens its channel', async (stage) => {
  const { service, letGo } = await upTo(stage, 'channel.open-ok')
  await stopEarly(stage, service, letGo)
})

export const building = scenario('stop() while the broker accepts the consumer', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, [LATE])
  const { service, letGo } = await upTo(stage, 'basic.consume-ok')
  // Behind it comes the task, in the same direction: both arrive after stop().
  await stage.wire.sees('basic.deliver')
  await stopEarly(stage, service, letGo)
  await stage.killAndLook(service, QUEUE)
})

export const DOT_MS = 100
export const LONG = 'render the film........'
/** Longer than anybody lets a program end: on its own clocks, which run fast. Where they can't, it takes a shorter time. */
const FAST_WORK_MS = 40_000
export const NEXT = 'render the poster.'

/** More than any of these tasks takes, for a program that was asked to end. */
export const END_MS = LINGER_MS + MOMENTS_MS
/** The clocks of the program run fast. */
const FAST = 'the clocks of your program run fast'

export const program = asProgram('SIGINT in the middle of a task', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const service = await stage.program(variables(stage))
  await failsToConnect(service)
  await closed.off()
  await signalled(stage, service, 'SIGINT')
})

export const terminated = asProgram('SIGTERM in the middle of a long task', async (stage) => {
  const fastClocks = stage.hasFastClocks
  const dotMs = (fastClocks ? FAST_WORK_MS : LINGER_MS) / dotsIn(LONG)
  if (fastClocks) stage.mark(FAST)
  const service = await stage.program({ ...variables(stage), DOT_MS: String(dotMs) }, { fastClocks })
  await signalled(stage, service, 'SIGTERM')
})

export const unready = asProgram('SIGTERM while it waits for its broker', async (stage) => {
  await stage.wire.switchOn(refuse())
  const service = await stage.program({ ...variables(stage), RETRY_DELAY_MS: '600000' })
  await failsToConnect(service)
  await endBy(stage, service, 'SIGTERM')
})

/** How long the long task takes in a scenario of the program, by the program's own clocks. */
export function workMs(recording: Recording): { ms: number; isFast: boolean } {
  if (marked(recording, FAST)) return { ms: FAST_WORK_MS, isFast: true }
  return { ms: recording.scenario === terminated.name ? LINGER_MS : dotsIn(LONG) * DOT_MS, isFast: false }
}

function dotsIn(task: string): number {
  return task.split('.').length - 1
}

function start(stage: Stage, { observed = true, retryDelayMs = RETRY_DELAY_MS, stops = 0 } = {}): Promise<Student> {
  return startService(stage, { prefetch: PREFETCH, retryDelayMs }, { observed, stops })
}

/** A service that has begun with all of these tasks, or with as many as it does at once. */
async function atWork(stage: Stage, all: string[]): Promise<Student> {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, all)
  const service = await start(stage)
  await begins(service, MOMENTS_MS)
  await inTurns(service, 100, () => tasks(stage.recorder).attempts.length === all.length)
  return service
}

/** Handlers go on for so long after stop(), unless the service ends before them. */
async function holdOut(stage: Stage, service: Student, ms: number): Promise<void> {
  const isOver = () =>
    hasTold(stage, 'stopped') ||
    frames(stage.recorder, 'channel.close', 'connection.close').some(({ from }) => from === 'student')
  const asked = told(stage.recorder, 'stopping')[0]?.ms ?? stage.recorder.now()
  while (stage.recorder.now() - asked < ms && !isOver()) await sleep(20)
  // What was due by then has been done.
  await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
}

/** The next worker, with the same exercise, gets what the first has left, and does it. */
async function takesOver(stage: Stage, task: string): Promise<void> {
  const next = await start(stage)
  const stop = letSucceed(stage, next)
  try {
    await stage.arrival(`'${task}' to be done by the next worker`, () => isDone(stage, task), { service: next })
    stage.mark('done by the next worker')
  } finally {
    stop()
    await stage.killAndLook(next, QUEUE)
  }
}

function isDone({ recorder }: Stage, text: string): boolean {
  const task = tasks(recorder).named(text)
  return task.isDone && task.isAcked
}

/** stop() has resolved: what is in the queue when the broker has taken back what the service held? */
async function lookWhatIsLeft(stage: Stage, service: Student): Promise<void> {
  stage.mark('stopped')
  await stage.openConnections(0).catch(goOn)
  await stage.killAndLook(service, QUEUE)
}

/** A service that is being set up: this answer of the broker is held back. */
async function upTo(stage: Stage, method: 'connection.open-ok' | 'channel.open-ok' | 'basic.consume-ok') {
  const answer = await stage.wire.switchOn(hold({ method }))
  const service = await start(stage, { observed: false })
  await stage.sees(method, { service })
  return { service, letGo: () => answer.off() }
}

function asProgram(name: string, play: (stage: Stage) => Promise<void>) {
  return scenario(`as a program: ${name}`, play, { needs: ['signals'], students: 0 })
}

function variables({ url }: Stage): Record<string, string> {
  return { AMQP_URL: url, QUEUE, PREFETCH: '1', RETRY_DELAY_MS: String(RETRY_DELAY_MS), DOT_MS: String(DOT_MS) }
}

/** Sends the signal in the middle of a task, and looks into the queue when the program has ended. */
async function signalled(stage: Stage, service: Student, signal: NodeJS.Signals): Promise<void> {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, [LONG, NEXT])
  await service.prints(`' [x] Received ${LONG}'`, (line) => line.includes(LONG), { limitMs: MOMENTS_MS })
  await endBy(stage, service, signal)
  await stage.killAndLook(service, QUEUE)
}

async function endBy(stage: Stage, service: Student, signal: NodeJS.Signals): Promise<void> {
  await stage.askToEnd(service, signal, END_MS)
  stage.mark('read all that it printed')
}
