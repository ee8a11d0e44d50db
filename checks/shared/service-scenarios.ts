import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { returned, told } from '../../lab/recording/ask.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import type { Told } from '../../lab/recording/words/told.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import type { Config } from '../10-service-lifecycle/driver.ts'
import { MOMENTS_MS, Started } from './service.ts'

/** What the scenarios of lessons 10 and 11 do with a service. */

export const QUEUE = 'pictures'
/** For what should not happen: so many turns of the process. */
export const A_WHILE = 15
/** What starting a program in another language may take. */
const COMMAND_MS = 2000

/** Has the exercise start a service. @throws StudentGone when it returns none */
export async function startService(
  stage: Stage,
  config: Pick<Config, 'prefetch' | 'retryDelayMs'>,
  { query = '', observed = true, stops = 0 } = {},
): Promise<Student> {
  const service = await stage.student()
  const started = await service.ask('start', {
    config: { amqpUrl: stage.url + query, queue: QUEUE, ...config },
    observed,
    stops,
  })
  if (returned(started, Started)?.stop !== 'function') throw new StudentGone('no service')
  return service
}

/** Whether the process has told of this. */
export function hasTold({ recorder }: Stage, name: keyof Told): boolean {
  return told(recorder, name).length > 0
}

/** Waits until a handler has begun. @throws NeverCame, StudentGone */
export async function begins(service: Student, limitMs: number): Promise<void> {
  await service.told('began', { what: 'the handler to be called', limitMs })
}

/** Waits until an attempt to connect has failed. @throws NeverCame, StudentGone */
export async function failsToConnect(service: Student): Promise<void> {
  if (!service.isCommand) return void (await service.told('attempt-ended', { what: 'a failed attempt to connect' }))
  // Only its own lines tell of an attempt at a closed port.
  const isFailure = (line: string) => line.includes('RabbitMQ connection failed')
  await service.prints("'RabbitMQ connection failed'", isFailure, { limitMs: COMMAND_MS }).catch(goOn)
}

/** Waits until stop() has settled. @throws NeverCame, StudentGone */
export async function stopSettles(service: Student, limitMs: number): Promise<void> {
  await service.told('stopped', { what: 'stop() to settle', limitMs })
}

/** The lab's line no longer keeps the process alive: does anything else? */
export async function endsByItself(stage: Stage, service: Student, limitMs: number): Promise<void> {
  service.mayEnd()
  service.call('letGo')
  try {
    // While the machine is busy, it has more time.
    await inTurns(service, limitMs / 10, () => service.exited)
    await service.ends({ limitMs: 100 })
    stage.mark('ended by itself')
  } catch (error) {
    goOn(error)
    stage.mark('the process still runs')
  }
}

/** Stops a service that is not ready, unless it was stopped at its start, and looks at `ready` only then. */
export async function stopEarly(stage: Stage, service: Student, then = async () => {}): Promise<void> {
  if (!hasTold(stage, 'stopping')) await service.ask('stop')
  // A promise that rejects and that nobody handles ends the process within a turn.
  await inTurns(service, A_WHILE)
  await then()
  await inTurns(service, A_WHILE, () => hasTold(stage, 'stopped'))
  // Whoever has begun a task all the same is judged for that elsewhere.
  service.finish('resolve', service.unfinished)
  await stopSettles(service, MOMENTS_MS).catch(goOn)
  await inTurns(service, A_WHILE)
  stage.mark('nobody looked at ready')
  await service.ask('observe')
  await inTurns(service, A_WHILE, () => hasTold(stage, 'ready'))
  stage.mark('looked at ready')
  if (hasTold(stage, 'stopped')) await endsByItself(stage, service, MOMENTS_MS)
}
