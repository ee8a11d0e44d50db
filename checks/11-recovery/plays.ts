import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { told } from '../../lab/recording/ask.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { since } from '../../lab/recording/span.ts'
import { tasks } from '../../lab/recording/tasks.ts'
import type { Student } from '../../lab/student/student.ts'
import { whileRunning } from '../../lab/student/while-running.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { reset } from '../../lab/wire/faults/reset.ts'
import type { FrameName } from '../../lab/wire/match.ts'
import {
  A_WHILE,
  begins,
  endsByItself,
  hasTold,
  QUEUE,
  startService,
  stopSettles,
} from '../shared/service-scenarios.ts'
import { hasOneOfEach, isAnythingUnacked, isSign } from './looks.ts'

/** What the scenarios of lesson 11 do with a service, one after the other. */

export const PREFETCH = 2
export const RETRY_DELAY_MS = 50
const TASKS = ['resize photo 1', 'resize photo 2', 'resize photo 3']
export const MOMENTS_MS = 6000
const PATIENCE = 150
/** In turns: until somebody who does not wait for anything does something. */
const SIGN_TURNS = 400
/** No wait grows further than 30 s. */
const LONGEST_WAIT_TURNS = 3000
/** Nobody lets waits grow faster. */
const STEEPEST = 3
/** To bring a broker up again, to wait several times. */
export const RECOVERY_MS = 40_000
/** Longer than any wait that begins with RETRY_DELAY_MS: a second recovery of the same loss shows by then. */
const SECOND_THOUGHTS = 25

/** Starts a service that is at work: its handlers have begun with what the prefetch lets through. */
export async function start(
  stage: Stage,
  { tasks: published = TASKS, query = '', retryDelayMs = RETRY_DELAY_MS } = {},
): Promise<Student> {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, published)
  const service = await startService(stage, { prefetch: PREFETCH, retryDelayMs }, { query })
  await service.told('ready', { what: 'ready to settle', limitMs: MOMENTS_MS })
  if (published.length > 0) {
    await begins(service, MOMENTS_MS)
    // One at a time, or as many as the prefetch lets through.
    await inTurns(service, A_WHILE, () => tasks(stage.recorder).attempts.length >= PREFETCH)
  }
  stage.mark('at work')
  return service
}

export async function isReset(stage: Stage): Promise<RecordedEvent> {
  const loss = stage.mark('lost 1')
  await stage.wire.switchOn(reset())
  return loss
}

/**
 * It loses what it has in the middle of its work; then its old handlers end, and it has to do everything that there is.
 *
 * @param lose may resolve with what has to be done when it is back
 * @param options.old how its old handlers end
 */
export async function loses(
  stage: Stage,
  service: Student,
  lose: () => Promise<unknown>,
  { round = 1, patience = PATIENCE, old: how = 'resolve' as 'resolve' | 'reject' } = {},
): Promise<void> {
  const old = service.unfinished
  const loss = stage.mark(`lost ${round}`)
  const then = await lose()
  // Whoever finishes first what was in hand, and comes back then, is right as well.
  const signs = () => since(stage.recorder, loss).events.some(isSign)
  if (!(await inTurns(service, patience, signs))) service.finish(how, old)
  await consumesAgain(stage, service, loss)
  if (typeof then === 'function') await then()
  stage.mark(`consumes again ${round}`)
  await inTurns(service, A_WHILE, () => service.unfinished.length >= old.length + PREFETCH)
  const isOld = ({ call }: { call: number }) => old.some((one) => one.call === call)
  service.finish(how, service.unfinished.filter(isOld))
  // An ack that comes too late comes now.
  await inTurns(service, A_WHILE)
  stage.mark(`the old handlers ended ${round}`)
  await worksAgain(stage, service, `resize another photo ${round}`)
  stage.mark(`worked again ${round}`)
  await inTurns(service, SECOND_THOUGHTS)
  if (!(await hasOneOfEach(stage))) stage.mark('not one of each')
  stage.mark(`counted ${round}`)
  // In hand when it happens again.
  await stage.observer.publish(QUEUE, [`resize one more photo ${round}`])
  await inTurns(service, 100, () => service.unfinished.length > 0)
}

/** It loses its connection, and is stopped while it waits for this answer on the way back. */
export async function stopsAt(stage: Stage, method: FrameName): Promise<void> {
  const service = await start(stage, { tasks: [] })
  const answer = await stage.wire.switchOn(hold({ method }))
  const loss = await isReset(stage)
  await stage.sees(method, { service, after: loss, limitMs: RECOVERY_MS })
  await stopsIdle(stage, service, () => answer.off())
}

/** Waits for a consumer that the broker has accepted since. The frame may be held back by a fault. */
export async function consumesAgain(
  stage: Stage,
  service: Student,
  loss: RecordedEvent,
  patience = SIGN_TURNS,
): Promise<void> {
  // Where nobody does anything about it, there is no need to wait as long as for a broker that comes up.
  const what = 'a new attempt, channel or consumer'
  await inTurns(service, patience, () => since(stage.recorder, loss).events.some(isSign))
  await whileRunning(service, (signal) => stage.recorder.waitFor(what, isSign, { after: loss, signal, limitMs: 100 }))
  await stage.sees('basic.consume-ok', { service, after: loss, limitMs: RECOVERY_MS })
}

/** In turns: how long its next wait may take, whatever its waits grow by. How long they are by now tells. */
export function patienceWith(stage: Stage, loss: RecordedEvent): number {
  const [one, other] = told(since(stage.recorder, loss), 'attempt').slice(-2)
  const waitedMs = one && other ? other.ms - one.ms : 0
  return SIGN_TURNS + Math.min(LONGEST_WAIT_TURNS, (STEEPEST * waitedMs) / 10)
}

/** From now on every handler succeeds, until the queue is empty. */
async function worksAgain(stage: Stage, service: Student, task: string): Promise<void> {
  const { recorder, observer } = stage
  const succeed = () => service.finish('resolve', service.unfinished)
  const end = recorder.listen((event) => event.kind === 'told' && event.name === 'began' && succeed())
  const what = `'${task}' and all earlier tasks to be done and acknowledged`
  const isDone = (event: RecordedEvent) =>
    event.kind === 'frame' &&
    event.method === 'basic.ack' &&
    tasks(recorder).named(task).isAcked &&
    !isAnythingUnacked(stage)
  try {
    succeed()
    await observer.publish(QUEUE, [task])
    await whileRunning(service, (signal) => recorder.waitFor(what, isDone, { signal, limitMs: MOMENTS_MS }))
  } finally {
    end()
  }
}

/** Stops a service whose connection is gone; what its old handlers are in the middle of is done a while later. */
export async function stopsIdle(stage: Stage, service: Student, then = async () => {}): Promise<void> {
  await service.ask('stop')
  await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
  stage.mark('the work is done')
  service.finish('resolve', service.unfinished)
  await then()
  await staysStopped(stage, service)
  await endsByItself(stage, service, MOMENTS_MS)
}

export async function staysStopped(stage: Stage, service: Student, limitMs = MOMENTS_MS): Promise<void> {
  await stopSettles(service, limitMs)
  stage.mark('stopped')
  // A recovery that was begun before, or is begun after, shows by now.
  await inTurns(service, SECOND_THOUGHTS)
  stage.mark('a while after stop()')
}

/** Everything is done and acknowledged, so the queue has to be empty once the broker has taken back what it held. */
export async function endAndLook(stage: Stage, service: Student): Promise<void> {
  await inTurns(service, 200, () => {
    service.finish('resolve', service.unfinished)
    return !isAnythingUnacked(stage)
  }).catch(() => false)
  await stage.killAndLook(service, QUEUE)
}
