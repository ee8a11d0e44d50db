import { setTimeout as sleep } from 'node:timers/promises'
import { scenarioWith } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { times } from '../../lab/recording/ask.ts'
import { connections } from '../../lab/recording/connections.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { tasks } from '../../lab/recording/tasks.ts'
import type { Student } from '../../lab/student/student.ts'
import { whileRunning } from '../../lab/student/while-running.ts'
import type { Fault } from '../../lab/wire/fault.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { inTurn } from '../../lab/wire/faults/in-turn.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { failsToConnect } from '../shared/service-scenarios.ts'
import { BAD, GOOD, OWN } from './settings.ts'

/** It is run as a program: no process with the driver is started ahead. */
const scenario = scenarioWith({ students: 0 })

export const QUEUE = 'thumbnails'
export const DOT_MS = 100
export const RETRY_DELAY_MS = 100
/**
 * After one refused attempt: who counts the attempts gives up later, who knows only refused ports gives up at the first, and
 * waits that grow have become long.
 */
export const RESETS = 6
const BREAKS = (['accept', 'protocol-header'] as const).map((at) => closeInHandshake({ at, how: 'reset' }))
/** In turns: RETRY_DELAY_MS and 200 ms. Timers run in the order in which they are due, so no right wait lasts that long. */
const IN_TIME = (RETRY_DELAY_MS + 200) / 10
/** Nobody who keeps RETRY_DELAY_MS sleeps this long, on the slowest machine. */
export const OVERSLEPT_MS = 4000
/** Nor do seven dots of work take this long, for whoever takes a second for each. */
export const PATIENCE_MS = 8000
/** In turns, for all that a service may do beside the work. */
const SPARE = 20
/** With LONG_DOT_MS for a dot, a hundred seconds of work: longer than patience lasts on the busiest machine. */
export const LONG = 'render the film....................'
export const LONG_DOT_MS = 5000
export const NEXT = 'render the poster.'

/** The last one takes longest: whoever works longer than he should is not done with it in time. */
const DAY = ['nothing to do', 'Grüße aus Köln...', 'resize a.b.c.d.e.f.g.h']

export const working = scenario('a day of work', async (stage) => {
  const service = await program(stage)
  await works(stage, service, DAY, DOT_MS)
  await readAll(stage, service)
})

export const unset = scenario('DOT_MS is not set', async (stage) => {
  await works(stage, await program(stage, { DOT_MS: undefined }), ['one dot.'], 1000)
})

export const DOTLESS = 'no dot'

export const dotless = scenario('a task without a dot', async (stage) => {
  await works(stage, await program(stage, { DOT_MS: '60000' }), [DOTLESS], 60_000)
})

export const late = scenario('the broker comes up late', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const service = await program(stage)
  await failsToConnect(service)
  // It is on before the port is open, so no attempt slips through.
  await stage.wire.switchOn(inTurn(Array.from({ length: RESETS }, (_, i) => BREAKS[i % 2] as Fault)))
  await closed.off()
  for (let nth = 1; nth <= RESETS; nth++) {
    const isInTime = await inTurns(service, IN_TIME, () => connections(stage.recorder).length >= nth)
    if (!isInTime) stage.mark('waits on')
    await whileRunning(service, (signal) => stage.wire.accepts(nth, { limitMs: OVERSLEPT_MS, signal }))
    if (!isInTime) return
    await stage.wire.ends({ connection: nth })
  }
  stage.mark('failed often')
  await works(stage, service, ['at last'], DOT_MS)
  await readAll(stage, service)
})

export const idle = scenario(
  'SIGINT while it waits for tasks',
  async (stage) => {
    const service = await program(stage)
    await works(stage, service, ['the only task'], DOT_MS)
    await stage.askToEnd(service, 'SIGINT')
  },
  { needs: ['signals'] },
)

export const busy = scenario(
  'SIGINT in the middle of a task',
  async (stage) => {
    const service = await program(stage, { DOT_MS: String(LONG_DOT_MS) })
    await declares(stage, service)
    await stage.observer.publish(QUEUE, [LONG, NEXT])
    const isThere = () => tasks(stage.recorder).named(LONG).delivery !== undefined
    await whileRunning(service, (signal) =>
      stage.recorder.waitFor('the long task to be delivered', isThere, { limitMs: PATIENCE_MS, signal }),
    )
    await stage.askToEnd(service, 'SIGINT')
    await stage.untilLeft(QUEUE)
    // A consumer may be cancelled before its tasks are back.
    for (let looks = 0; looks < 20 && (await stage.observer.queue(QUEUE)).messages < 2; looks++) await sleep(30)
    if ((await stage.observer.queue(QUEUE)).exists) await stage.observer.drain(QUEUE)
    stage.mark('looked into the queue')
  },
  { needs: ['signals'] },
)

export const waiting = scenario(
  'SIGINT while it waits for its broker',
  async (stage) => {
    await stage.wire.switchOn(closeInHandshake({ at: 'accept', how: 'reset' }))
    const service = await program(stage, { RETRY_DELAY_MS: '60000' })
    await whileRunning(service, (signal) => stage.wire.ends({ limitMs: OVERSLEPT_MS, signal }))
    await stage.askToEnd(service, 'SIGINT')
  },
  { needs: ['signals'] },
)

export const imported = scenario('it is imported', async (stage) => {
  // None of them is read before loadConfig() is called, or it would be refused there and then.
  const service = await stage.student({ ...variables(stage), ...OWN })
  // Two answers: whatever it began when it was loaded would have shown by now.
  await service.ping()
  await service.ask('signals')
  stage.mark('imported')
  for (const { env } of GOOD) await service.ask('load', { env })
  stage.mark('good values')
  for (const [variable, value] of BAD) await service.ask('load', { env: { [variable]: value } })
  stage.mark('bad values')
})

/** Runs the exercise as a program, with the lesson's variables. */
function program(stage: Stage, changed: Record<string, string | undefined> = {}): Promise<Student> {
  const all = Object.entries({ ...variables(stage), ...changed })
  return stage.program(Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))))
}

function variables(stage: Stage): Record<string, string> {
  return {
    AMQP_URL: stage.url,
    QUEUE,
    PREFETCH: '1',
    RETRY_DELAY_MS: String(RETRY_DELAY_MS),
    DOT_MS: String(DOT_MS),
  }
}

/** Waits until the service has declared a queue. How it gets its tasks out of it is its own business. */
async function declares(stage: Stage, service: Student): Promise<void> {
  await stage.sees('queue.declare-ok', { service })
  stage.mark('declared')
}

/**
 * Publishes tasks, and waits until each is settled; a service that asks for no acknowledgement has settled it on arrival.
 * From when the last of them is delivered, its work has its time and SPARE, in turns.
 */
async function works(stage: Stage, service: Student, given: string[], dotMs: number): Promise<void> {
  const { recorder, observer } = stage
  await declares(stage, service)
  await observer.publish(QUEUE, given)
  const isSettled = (task: string) => {
    const { isAcked, deliveries } = tasks(recorder).named(task)
    return isAcked || deliveries.some(({ noAck }) => noAck)
  }
  const what = `${times(given.length, 'task')} to be worked on and acknowledged`
  const areSettled = ({ kind }: RecordedEvent) => kind === 'frame' && given.every(isSettled)
  const last = given.at(-1) ?? ''
  const isThere = () => tasks(recorder).named(last).delivery !== undefined
  await whileRunning(service, (signal) =>
    recorder.waitFor(`'${last}' to be delivered`, isThere, { limitMs: PATIENCE_MS, signal }),
  )
  if (!(await inTurns(service, dots(last) * (dotMs / 10) + SPARE, () => isSettled(last)))) stage.mark('works on')
  await whileRunning(service, (signal) => recorder.waitFor(what, areSettled, { limitMs: PATIENCE_MS, signal }))
  // The process has gone on behind its last ack.
  await service.ping()
  stage.mark('worked')
}

export function dots(task: string): number {
  return task.split('.').length - 1
}

/** With the end of the process all that it printed is here. */
async function readAll(stage: Stage, service: Student): Promise<void> {
  await service.kill()
  stage.mark('read all that it printed')
}
