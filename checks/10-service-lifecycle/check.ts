import { setTimeout as sleep } from 'node:timers/promises'
import { check, expectation, step } from '../../lab/check/check.ts'
import {
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  reached,
  type Shortfall,
  type Stage,
  settled,
  times,
  told,
} from '../../lab/check/evidence.ts'
import { begun, finish, finishes, inHand } from '../../lab/check/handlers.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { connections } from '../../lab/recording/connections.ts'
import { deliveries } from '../../lab/recording/deliveries.ts'
import { outOfOrder, output, printed } from '../../lab/recording/output.ts'
import { Patience } from '../../lab/recording/patience.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { type Settlement, settlements } from '../../lab/recording/settlements.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import { whileRunning } from '../../lab/student/while-running.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'
import { inQueue, isBefore, markOf, messageOf } from '../shared/order.ts'
import { deliveryOf, frame, isOf, look } from '../shared/tasks.ts'
import { goOn } from '../shared/work.ts'

const QUEUE = 'pictures'
/** Everybody who sets a limit on what is delivered has room for more than the lab publishes. */
const PREFETCH = 20
const RETRY_DELAY_MS = 50
/** What needs the event loop and the broker. */
const MOMENTS_MS = 5000
/** For what should not happen: so many turns of the process. */
const A_WHILE = 15

const life = scenario('it starts before its broker, works, and stops', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const accepted = await stage.wire.switchOn(hold({ method: 'basic.consume-ok' }))
  const service = await start(stage, { observed: true })
  await service.told('attempt-ended', { what: 'a failed attempt to connect' })
  await inTurns(service, A_WHILE, () => isReady(stage))
  await closed.off()
  await whileRunning(service, (signal) => stage.wire.sees('basic.consume', undefined, { signal, limitMs: MOMENTS_MS }))
  await stage.wire.sees('basic.consume-ok')
  await inTurns(service, A_WHILE, () => isReady(stage))
  stage.mark('the broker accepts the consumer')
  await accepted.off()
  await service.told('ready', { what: 'ready to settle', limitMs: MOMENTS_MS })
  await stage.observer.publish(QUEUE, ['resize photo 1'])
  await beginning(service, 1)
  // Whoever acknowledges on arrival has done it by then.
  await inTurns(service, A_WHILE, () => frame(stage.recorder, 'basic.ack') !== undefined)
  finish(service, 'resolve', inHand(stage.recorder))
  await acked(stage, service, 1)
  stage.mark('worked')
  await stop(service)
  await service.told('stopped', { what: 'stop() to settle', limitMs: MOMENTS_MS })
  stage.mark('stopped')
  await endsByItself(stage, service)
})

const TASKS = ['resize photo 1', 'resize photo 2', 'resize photo 3']
const LATE = 'resize a late photo'

const busy = scenario('stop() in the middle of its work', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, TASKS)
  const service = await start(stage, { observed: true })
  await beginning(service, 1)
  await inTurns(service, 100, () => begun(stage.recorder).length === TASKS.length)
  // The broker does not know yet that it should send no more: one more task comes.
  const cancel = await stage.wire.switchOn(hold({ method: 'basic.cancel', from: 'student' }))
  await stop(service, 2)
  await inTurns(service, A_WHILE, () => frame(stage.recorder, 'basic.cancel') !== undefined)
  await stage.observer.publish(QUEUE, [LATE])
  await inTurns(service, A_WHILE, () => begun(stage.recorder).some(({ task }) => task === LATE))
  stage.mark('a late task was published')
  await cancel.off()
  await inTurns(service, A_WHILE, () => hasStopped(stage))
  stage.mark('the work is done')
  // In one go, so that an ack and a close may be written in the same tick.
  finish(service, 'resolve', inHand(stage.recorder))
  await stoppedTwice(service)
  await stop(service)
  await service.told('stopped', { count: 3, what: 'a third stop() to settle', limitMs: MOMENTS_MS })
  stage.mark('stopped')
  await stage.openConnections(0).catch(goOn)
  await killAndLook(stage, service)
})

const failing = scenario('stop() while a handler fails', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, TASKS.slice(0, 2))
  const service = await start(stage, { observed: true })
  await beginning(service, 1)
  await inTurns(service, 100, () => begun(stage.recorder).length === 2)
  await stop(service)
  // What stop() waits for, it waits for by now.
  await inTurns(service, A_WHILE, () => frame(stage.recorder, 'basic.cancel-ok') !== undefined)
  await service.ping()
  const [first, ...rest] = inHand(stage.recorder)
  if (!first) return
  finish(service, 'reject', [first])
  await inTurns(service, A_WHILE, () => hasStopped(stage))
  stage.mark('one failed')
  finish(service, 'resolve', rest)
  await service.told('stopped', { what: 'stop() to settle', limitMs: MOMENTS_MS })
  stage.mark('stopped')
  await stage.openConnections(0).catch(goOn)
  await killAndLook(stage, service)
})

const waiting = scenario('stop() while it waits for its broker', async (stage) => {
  await stage.wire.switchOn(refuse())
  const service = await start(stage, { retryDelayMs: 600_000 })
  await service.told('attempt-ended', { what: 'a failed attempt to connect' })
  await stopEarly(stage, service)
})

const greeting = scenario('stop() while the broker opens its connection', async (stage) => {
  // The service has none to close yet: what it gets now is for it to close.
  const answer = await stage.wire.switchOn(hold({ method: 'connection.open-ok' }))
  const service = await start(stage)
  await whileRunning(service, (signal) => stage.wire.sees('connection.open-ok', undefined, { signal }))
  await stopEarly(stage, service, () => answer.off())
})

const opening = scenario('stop() while the broker opens its channel', async (stage) => {
  // Nothing behind it is done yet: a set-up that looks at the signal anywhere from here on sees that it was stopped.
  const answer = await stage.wire.switchOn(hold({ method: 'channel.open-ok' }))
  const service = await start(stage)
  await whileRunning(service, (signal) => stage.wire.sees('channel.open-ok', undefined, { signal }))
  await stopEarly(stage, service, () => answer.off())
})

const building = scenario('stop() while the broker accepts the consumer', async (stage) => {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, [LATE])
  const answer = await stage.wire.switchOn(hold({ method: 'basic.consume-ok' }))
  const service = await start(stage)
  await whileRunning(service, (signal) => stage.wire.sees('basic.consume-ok', undefined, { signal }))
  // Behind it comes the task, in the same direction: both arrive after stop().
  await stage.wire.sees('basic.deliver')
  await stopEarly(stage, service, () => answer.off())
  await killAndLook(stage, service)
})

const DOT_MS = 100
/** Eight hundred milliseconds of work. */
const LONG = 'render the film........'
const NEXT = 'render the poster.'

const program = scenario(
  'as a program: SIGINT in the middle of a task',
  async (stage) => {
    const closed = await stage.wire.switchOn(refuse())
    const service = await stage.program(variables(stage))
    await service.told('attempt-ended', { what: 'a failed attempt to connect' })
    await closed.off()
    await signalled(stage, service, 'SIGINT')
  },
  { needs: ['signals'], students: 0 },
)

const terminated = scenario(
  'as a program: SIGTERM in the middle of a task',
  async (stage) => {
    const service = await stage.program(variables(stage))
    await signalled(stage, service, 'SIGTERM')
  },
  { needs: ['signals'], students: 0 },
)

const unready = scenario(
  'as a program: SIGTERM while it waits for its broker',
  async (stage) => {
    await stage.wire.switchOn(refuse())
    const service = await stage.program({ ...variables(stage), RETRY_DELAY_MS: '600000' })
    await service.told('attempt-ended', { what: 'a failed attempt to connect' })
    await endBy(stage, service, 'SIGTERM')
  },
  { needs: ['signals'], students: 0 },
)

// ---- What the scenarios do

async function start(
  stage: Stage,
  { observed = false, retryDelayMs = RETRY_DELAY_MS }: { observed?: boolean; retryDelayMs?: number } = {},
): Promise<Student> {
  const service = await stage.student()
  const config = { amqpUrl: stage.url, queue: QUEUE, prefetch: PREFETCH, retryDelayMs }
  const started = await service.ask('start', { config, observed })
  if (!started.ok || (started.value as { stop: string }).stop !== 'function') throw new StudentGone('no service')
  return service
}

async function stop(service: Student, times = 1): Promise<void> {
  await service.ask('stop', { times })
}

/** Waits until so many handlers have begun. @throws NeverCame, StudentGone */
async function beginning(service: Student, count: number): Promise<void> {
  await service.told('began', { count, what: 'the handler to be called', limitMs: MOMENTS_MS })
}

/** Waits until so many tasks are acknowledged. */
async function acked(stage: Stage, service: Student, count: number): Promise<void> {
  await whileRunning(service, (signal) =>
    stage.wire.sees('basic.ack', undefined, { from: 'student', count, signal, limitMs: MOMENTS_MS }),
  )
}

async function stoppedTwice(service: Student): Promise<void> {
  await service.told('stopped', { count: 2, what: 'both calls of stop() to settle', limitMs: MOMENTS_MS })
}

/** Stops a service that is not ready, and looks at `ready` only then. */
async function stopEarly(stage: Stage, service: Student, then: () => Promise<void> = async () => {}): Promise<void> {
  await stop(service)
  // A promise that rejects and that nobody handles ends the process within a turn.
  await inTurns(service, A_WHILE, () => false)
  await then()
  await inTurns(service, A_WHILE, () => hasStopped(stage))
  // Whoever has begun a task all the same is judged for that elsewhere.
  finish(service, 'resolve', inHand(stage.recorder))
  await service.told('stopped', { what: 'stop() to settle', limitMs: MOMENTS_MS }).catch(goOn)
  await inTurns(service, A_WHILE, () => false)
  stage.mark('nobody looked at ready')
  await service.ask('observe')
  await inTurns(service, A_WHILE, () => isReady(stage))
  stage.mark('looked at ready')
  if (hasStopped(stage)) await endsByItself(stage, service)
}

/** The lab's line no longer keeps the process alive: does anything else? */
async function endsByItself(stage: Stage, service: Student): Promise<void> {
  service.mayEnd()
  service.call('letGo')
  try {
    await service.ends({ limitMs: MOMENTS_MS })
    stage.mark('ended by itself')
  } catch (error) {
    goOn(error)
    stage.mark('the process still runs')
  }
}

/** Ends the process as `kill -9` does, and notes what is in the queue once the broker has taken back what it held. */
async function killAndLook(stage: Stage, service: Student): Promise<void> {
  await service.kill()
  const patience = new Patience(MOMENTS_MS)
  while ((await stage.observer.queue(QUEUE)).consumers > 0 && !patience.isOver) await sleep(10)
  await stage.observer.drain(QUEUE)
  stage.mark('looked into the queue')
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

/** Sends the signal in the middle of a task, and looks into the queue when the program has ended. */
async function signalled(stage: Stage, service: Student, signal: NodeJS.Signals): Promise<void> {
  await stage.observer.declare(QUEUE, { durable: true })
  await stage.observer.publish(QUEUE, [LONG, NEXT])
  await service.prints(`' [x] Received ${LONG}'`, (line) => line.includes(LONG), { limitMs: MOMENTS_MS })
  await endBy(stage, service, signal)
  await killAndLook(stage, service)
}

async function endBy(stage: Stage, service: Student, signal: NodeJS.Signals): Promise<void> {
  // Two answers: whatever was on its way to the process has been seen to.
  await service.ping()
  await service.ping()
  stage.mark('asked to stop')
  service.mayEnd()
  service.signal(signal)
  try {
    await service.ends({ limitMs: MOMENTS_MS })
  } catch (error) {
    goOn(error)
    stage.mark('did not stop')
    await service.kill()
  }
  stage.mark('read all that it printed')
}

// ---- What the recordings tell

type Events = Pick<Recording, 'events'>

function isReady({ recorder }: Stage): boolean {
  return recorder.events.some((event) => event.kind === 'told' && event.name === 'ready')
}

function hasStopped({ recorder }: Stage): boolean {
  return recorder.events.some((event) => event.kind === 'told' && event.name === 'stopped')
}

/** The first frame of the service's that closes its channel or connection. */
function closing({ events }: Events): FrameEvent | undefined {
  return events.find(
    (event): event is FrameEvent =>
      event.kind === 'frame' && event.from === 'student' && /^(channel|connection)\.close$/.test(event.method),
  )
}

/** The tasks that an ack, nack or reject settles. One that settles several names one of them, or none. */
function tasksOf(recording: Events, settlement: Settlement): string[] {
  return deliveries(recording)
    .filter((delivery) => settlement.tags.some((tag) => isOf(delivery, settlement, tag)))
    .map(({ body }) => body)
}

function settlementOf(recording: Events, task: string): FrameEvent | undefined {
  return settlements(recording).find((one) => tasksOf(recording, one).includes(task))?.frame
}

/** The lab had told a handler of this task to end by then. */
function isDoneBy(recording: Events, task: string, by: RecordedEvent): boolean {
  return finishes(recording).some(({ tasks, event }) => tasks.includes(task) && isBefore(recording, event, by))
}

/** The service has ended its connection itself, in the orderly way, before stop() resolved. */
function closedWell(recording: Recording, answer: RecordedEvent | undefined): Shortfall | undefined {
  const open = connections(recording).filter(({ reached }) => reached === 'open')
  const left = open.find(({ end }) => !end || end.event.ms > (lastMoment(recording)?.ms ?? 0))
  if (left) {
    return {
      seen: 'stop() had resolved, and the connection was still open.',
      looksLike: 'leaves-open',
      show: [told(recording, 'stopping')[0], answer],
    }
  }
  const broken = open.find(({ end }) => end && end.how !== 'closed')
  if (broken) {
    return {
      seen: 'Your service broke off its connection without connection.close.',
      looksLike: 'breaks-off',
      show: [told(recording, 'stopping')[0], broken.end?.event, answer],
      wrong: { event: broken.end?.event, instead: 'connection.close, and the answer to it' },
    }
  }
  const late = open.find(({ end }) => end && answer && isBefore(recording, answer, end.event))
  if (late) {
    return {
      seen: 'stop() resolved before the connection was closed.',
      looksLike: 'stops-too-early',
      show: [told(recording, 'stopping')[0], answer, late.end?.event],
    }
  }
  return open.length > 0 ? undefined : reached(recording, 'stopped')
}

/** When the lab ended the process itself: nothing after it is the service's doing. */
function lastMoment({ events }: Events): RecordedEvent | undefined {
  return events.find((event) => event.kind === 'process' && event.what === 'signalled') ?? events.at(-1)
}

function stoppedEarly(recording: Recording, when: string): Shortfall | undefined {
  const asked = told(recording, 'stopping')[0]
  const answer = told(recording, 'stopped')[0]
  const ready = told(recording, 'ready')[0]
  const [crash] = findings(recording)
  if (asked && crash?.id === 'unhandled-rejection') {
    return {
      seen: `The service ${when}, stop() was called, and the process ended. ${crash.sentence}`,
      looksLike: 'unobserved-rejection',
      show: [asked, crash],
    }
  }
  if (answer && answer.data.ok !== true) {
    return { seen: `The service ${when}, and stop() rejected: ${messageOf(answer)}`, show: [asked, answer] }
  }
  if (asked && !answer && marked(recording, 'nobody looked at ready')) {
    return {
      seen: `The service ${when} when stop() was called, and ${MOMENTS_MS / 1000} s later stop() was still pending.`,
      looksLike: 'stop-waits-for-ready',
      show: [asked, recording.events.find((event) => event.kind === 'awaited')],
    }
  }
  if (marked(recording, 'looked at ready') && ready?.data.ok !== false) {
    return {
      seen: `The service ${when} when it was stopped. ready ${ready ? 'resolved all the same' : 'was still pending afterwards'}.`,
      looksLike: 'ready-after-stop',
      show: [asked, answer, ready],
    }
  }
  // An attempt that is given up in the middle may end a moment later: whether it does is judged by the end of the process.
  const left = frame(recording, 'channel.open')
    ? connections(recording).find(({ reached, end }) => reached === 'open' && end?.how !== 'closed')
    : undefined
  if (left && answer && (!left.end || isBefore(recording, answer, left.end.event))) {
    return {
      seen: `The service ${when} when it was stopped. stop() resolved, and its connection stayed open.`,
      looksLike: halfBuilt(recording),
      show: [asked, frame(recording, 'basic.consume-ok') ?? frame(recording, 'channel.open-ok'), answer],
      wrong: { event: answer, instead: 'it belongs after connection.close, and the answer to it' },
    }
  }
  return reached(recording, 'looked at ready')
}

/** What becomes of a set-up that stop() comes upon: it goes on as if nothing had happened, or it breaks off. */
function halfBuilt(recording: Recording): 'forgets-the-half-built' | 'leaves-the-half-built' {
  return frame(recording, 'basic.consume') ? 'forgets-the-half-built' : 'leaves-the-half-built'
}

/** What a signal has to lead to, whatever the program does. */
function endsBy(recording: Recording, signal: string): Shortfall | undefined {
  const asked = recording.events.find((event) => event.kind === 'process' && event.signal === signal)
  if (!asked) return reached(recording, 'asked to stop')
  const after = output(recording).filter(({ ms }) => ms >= asked.ms)
  const goodbye = after.find(({ text }) => text?.includes('Exiting consumer'))
  if (marked(recording, 'did not stop')) {
    return {
      seen: `${MOMENTS_MS / 1000} s after ${signal} your process was still running.`,
      looksLike: 'leaves-a-handle',
      show: [asked, goodbye],
    }
  }
  const end = recording.events.find((event) => event.kind === 'process' && event.what === 'exited')
  if (end?.kind !== 'process') return reached(recording, 'read all that it printed')
  if (end.signal) {
    return {
      seen: `${signal} ended your process before it could say a word.`,
      looksLike: 'no-handler',
      show: [asked, end],
    }
  }
  if (end.code !== 0) {
    const stack = after.filter(({ what, text }) => what === 'stderr' && /^\s+at |Error/.test(text ?? ''))
    return {
      seen: `On ${signal} your process ended with exit code ${end.code}.`,
      looksLike: stack.length > 0 ? undefined : 'wrong-exit-code',
      show: [asked, ...stack.slice(0, 3), end],
    }
  }
  if (!goodbye) {
    return {
      seen: `Your process ended with exit code 0, but after ${signal} it did not print 'Exiting consumer'.`,
      looksLike: 'no-goodbye',
      show: [asked, ...after.slice(0, 3), end],
    }
  }
  return undefined
}

/** As endsBy(), and the task in hand was finished first, and no other was taken. */
function endsWell(recording: Recording, signal: string): Shortfall | undefined {
  const unwell = endsBy(recording, signal)
  const delivery = deliveryOf(recording, LONG)
  if (!delivery) return unwell ?? reached(recording, 'asked to stop')
  const asked = recording.events.find((event) => event.kind === 'process' && event.signal === signal)
  const goodbye = printed(recording, 'Exiting consumer')
  const end = recording.events.find((event) => event.kind === 'process' && event.what === 'exited')
  const ack = settlementOf(recording, LONG)
  const least = 0.9 * DOT_MS * (LONG.split('.').length - 1)
  if (unwell) return unwell
  if (end && end.ms - delivery.ms < least) {
    return {
      seen: `'${LONG}' is ${least / 0.9} ms of work. Your process ended ${(end.ms - delivery.ms).toFixed(0)} ms after the task came.`,
      looksLike: 'exits-at-once',
      show: [delivery.frame, asked, goodbye, end],
    }
  }
  if (goodbye && goodbye.ms - delivery.ms < least) {
    return {
      seen: `'${LONG}' is ${least / 0.9} ms of work. 'Exiting consumer' was printed ${(goodbye.ms - delivery.ms).toFixed(0)} ms after the task came.`,
      looksLike: 'no-goodbye',
      show: [delivery.frame, asked, goodbye, ack],
      wrong: { event: goodbye, instead: 'first the work and its ack' },
    }
  }
  const held = inQueue(recording)
  if (!held) return reached(recording, 'looked into the queue')
  if (held.includes(LONG)) {
    return {
      seen: `Your program was sent ${signal} while it worked on '${LONG}'. It ended, and the task is in the queue again.`,
      looksLike: ack ? undefined : 'exits-at-once',
      show: [delivery.frame, asked, closing(recording), look(recording)],
    }
  }
  if (!held.includes(NEXT)) {
    const next = deliveryOf(recording, NEXT)
    return {
      seen: `Your program was sent ${signal} while it worked on '${LONG}'. It took '${NEXT}' from the queue all the same.`,
      looksLike: 'begins-new-work',
      show: [asked, next?.frame, printed(recording, ` [x] Received ${NEXT}`), look(recording)],
    }
  }
  return undefined
}

export default check('10-service-lifecycle', [
  step(
    'Ready when it really is',
    expectation('is ready once the broker has accepted its consumer, and not sooner', life, (recording) => {
      const started = settled(recording, 'start')
      const { isPromise, ready, stop } = (started?.value ?? {}) as Record<string, unknown>
      if (started?.ok && (ready !== 'function' || stop !== 'function')) {
        return {
          seen: isPromise
            ? 'startService() returned a promise. It has to return the service itself, at once, with ready and stop().'
            : `startService() returned something without ${ready === 'function' ? 'stop()' : 'a promise called ready'}.`,
          looksLike: isPromise ? 'returns-a-promise' : undefined,
          show: [started.event],
        }
      }
      if (started && !started.ok) {
        return { seen: `startService() threw: ${started.error?.message}`, show: [started.event] }
      }
      const answer = told(recording, 'ready')[0]
      const accepted = markOf(recording, 'the broker accepts the consumer')
      if (answer && answer.data.ok !== true) {
        return {
          seen: `The broker came up after the service, and ready rejected: ${messageOf(answer)}`,
          looksLike: accepted ? undefined : 'gives-up',
          show: [told(recording, 'attempt-ended')[0], answer],
        }
      }
      if (answer && isBefore(recording, answer, accepted)) {
        const consume = frame(recording, 'basic.consume')
        const without = isBefore(recording, answer, consume)
        return {
          seen: without
            ? 'ready resolved before your service had asked for a consumer.'
            : 'ready resolved although the broker had not answered basic.consume yet.',
          looksLike: 'ready-too-early',
          show: [answer, consume, accepted],
          wrong: { event: answer, instead: 'ready belongs after basic.consume-ok' },
        }
      }
      return (
        reached(recording, 'the broker accepts the consumer') ?? (answer ? undefined : reached(recording, 'worked'))
      )
    }),

    expectation('works on the tasks that come', life, (recording) => {
      const early = settlements(recording)
        .flatMap((one) => tasksOf(recording, one).map((task) => ({ task, frame: one.frame })))
        .find(({ task, frame }) => !isDoneBy(recording, task, frame))
      if (early) {
        return {
          seen: `'${early.task}' was acknowledged before its work was done.`,
          looksLike: 'acks-unfinished',
          show: [begun(recording)[0]?.event, early.frame],
          wrong: { event: early.frame, instead: 'the ack belongs after the end of the handler' },
        }
      }
      return reached(recording, 'worked')
    }),
  ),
  step(
    'It stops without dropping work',
    expectation('begins no task once it was asked to stop', [busy, building], (busy, building) => {
      for (const recording of [busy, building]) {
        const asked = told(recording, 'stopping')[0]
        const begins = begun(recording).find(({ event }) => asked && isBefore(recording, asked, event))
        if (!begins) continue
        const cancel = frame(recording, 'basic.cancel')
        return {
          seen: `stop() had been called, and then your service began with '${begins.task}'.`,
          looksLike: recording === busy && !cancel ? 'keeps-consuming' : 'begins-new-work',
          show: [asked, cancel, deliveryOf(recording, begins.task)?.frame, begins.event],
          wrong: { event: begins.event, instead: 'leave it alone: it goes back when the channel closes' },
        }
      }
      return reached(busy, 'the work is done')
    }),

    expectation('finishes what it has in hand, and the acks reach the broker', busy, (recording) => {
      const held = inQueue(recording)
      const done = markOf(recording, 'the work is done')
      const close = closing(recording)
      const finished = begun(recording).filter(({ task }) => task !== LATE && TASKS.includes(task))
      if (close && done && isBefore(recording, close, done)) {
        return {
          seen: `Handlers still worked on ${times(finished.length, 'task')} when your service closed its ${close.method.split('.')[0]}.`,
          looksLike: 'closes-too-early',
          show: [told(recording, 'stopping')[0], close, done],
          wrong: { event: close, instead: 'the close belongs after the acks' },
        }
      }
      const early = settlements(recording).find(
        ({ frame, tags }) => tags.length > 0 && done && isBefore(recording, frame, done),
      )
      if (early && early.kind === 'ack') {
        return {
          seen: `stop() was called, and '${tasksOf(recording, early)[0]}' was acknowledged while its handler still worked.`,
          looksLike: 'acks-unfinished',
          show: [told(recording, 'stopping')[0], early.frame, done],
          wrong: { event: early.frame, instead: 'the ack belongs after the end of the handler' },
        }
      }
      if (!held) return reached(recording, 'the work is done') ?? reached(recording, 'looked into the queue')
      const undone = finished.filter(({ task }) => held.includes(task))
      if (undone.length > 0 && finishes(recording).length > 0) {
        const acks = settlements(recording).filter(({ kind }) => kind === 'ack')
        return {
          seen: `${finished.length === 1 ? 'A handler' : `${finished.length} handlers`} finished after stop() was called, and ${undone.length} of their tasks ${undone.length === 1 ? 'is' : 'are'} in the queue again: ${acks.length === 0 ? 'no ack came' : 'not every ack came'} to the broker.`,
          looksLike: close ? 'close-overtakes-acks' : undefined,
          show: [finishes(recording)[0]?.event, ...acks.slice(0, 1).map(({ frame }) => frame), close, look(recording)],
          wrong: { event: close, instead: 'the acks belong here, and the close behind them' },
        }
      }
      const gone = [...TASKS, LATE].filter(
        (task) => !held.includes(task) && !begun(recording).some((one) => one.task === task),
      )
      if (gone.length > 0) {
        return {
          seen: `Nobody worked on '${gone[0]}', but it is not in the queue any more: it is lost.`,
          looksLike: 'acks-unfinished',
          show: [deliveryOf(recording, gone[0] ?? '')?.frame, settlementOf(recording, gone[0] ?? ''), look(recording)],
        }
      }
      return finished.length > 0 ? undefined : reached(recording, 'the work is done')
    }),

    expectation('resolves stop() when all is done, and its connection is closed', busy, (recording) => {
      const answer = told(recording, 'stopped').find(({ data }) => data.nth === 1)
      if (answer && answer.data.ok !== true) {
        return { seen: `stop() rejected: ${messageOf(answer)}`, show: [told(recording, 'stopping')[0], answer] }
      }
      const done = markOf(recording, 'the work is done')
      if (answer && (!done || isBefore(recording, answer, done))) {
        return {
          seen: 'stop() resolved while handlers still worked.',
          looksLike: 'stops-too-early',
          show: [told(recording, 'stopping')[0], answer, done],
          wrong: { event: answer, instead: 'it belongs after the acks and the close' },
        }
      }
      return (answer ? undefined : reached(recording, 'stopped')) ?? closedWell(recording, answer)
    }),

    expectation('stops all the same when a handler fails', failing, (recording) => {
      const answer = told(recording, 'stopped')[0]
      if (answer && answer.data.ok !== true) {
        return {
          seen: `A handler rejected after stop() was called, and then stop() rejected: ${messageOf(answer)}`,
          looksLike: 'failure-stops-the-stop',
          show: [told(recording, 'stopping')[0], finishes(recording)[0]?.event, answer],
        }
      }
      const failed = markOf(recording, 'one failed')
      const others = begun(recording).length > 1
      if (answer && failed && others && isBefore(recording, answer, failed)) {
        return {
          seen: 'One handler rejected, another still worked, and stop() resolved.',
          looksLike: 'failure-stops-the-stop',
          show: [told(recording, 'stopping')[0], finishes(recording)[0]?.event, answer],
        }
      }
      const first = finishes(recording)[0]?.tasks[0]
      const held = inQueue(recording)
      if (held && first !== undefined && !held.includes(first)) {
        return {
          seen: `The handler of '${first}' rejected after stop() was called, and the task is not in the queue: it is lost.`,
          show: [finishes(recording)[0]?.event, settlementOf(recording, first), look(recording)],
        }
      }
      return reached(recording, 'stopped') ?? reached(recording, 'looked into the queue')
    }),
  ),
  step(
    'It stops at any moment',
    expectation('can be stopped twice, and stops once', busy, (recording) => {
      const failed = told(recording, 'stopped').find(({ data }) => data.ok !== true)
      if (failed) {
        return {
          seen: `stop() was called ${failed.data.nth === 3 ? 'a third time, after the first had resolved' : 'twice'}, and the ${['first', 'second', 'third'][Number(failed.data.nth) - 1]} rejected: ${messageOf(failed)}`,
          looksLike: 'not-idempotent',
          show: [...told(recording, 'stopping').filter((call) => isBefore(recording, call, failed)), failed],
        }
      }
      const [first, second] = [1, 2].map((nth) => told(recording, 'stopped').find(({ data }) => data.nth === nth))
      const done = markOf(recording, 'the work is done')
      const early = (answer: RecordedEvent) => !done || isBefore(recording, answer, done)
      // Where the first is early as well, that is what is wrong.
      if (second && early(second) && !(first && early(first))) {
        return {
          seen: 'stop() was called twice in a row. The second resolved while handlers still worked.',
          looksLike: 'second-stop-does-not-wait',
          show: [...told(recording, 'stopping').slice(0, 2), second],
          wrong: { event: second, instead: 'it resolves with the first' },
        }
      }
      const cancels = recording.events.filter((event) => event.kind === 'frame' && event.method === 'basic.cancel')
      if (cancels.length > 1) {
        return {
          seen: `stop() was called more than once, and your service cancelled its consumer ${times(cancels.length, 'time')}.`,
          looksLike: 'not-idempotent',
          show: [...told(recording, 'stopping').slice(0, 2), ...cancels],
        }
      }
      return reached(recording, 'stopped')
    }),

    expectation(
      'can be stopped before it is ready, and ready rejects then',
      [waiting, greeting, opening, building],
      (waiting, greeting, opening, building) =>
        stoppedEarly(waiting, 'waited for its broker') ??
        stoppedEarly(greeting, 'was opening its connection') ??
        stoppedEarly(opening, 'was opening its channel') ??
        stoppedEarly(building, 'was about to consume'),
    ),
  ),
  step(
    'Nothing is left',
    expectation(
      'leaves nothing that keeps the process alive',
      [life, waiting, greeting, opening, building],
      (life, waiting, greeting, opening, building) => {
        const early = [waiting, greeting, opening, building]
        for (const recording of [life, ...early]) {
          if (!marked(recording, 'the process still runs')) continue
          const open = connections(recording).find(({ end }) => !end)
          const event =
            open && recording.events.find((each) => each.kind === 'tcp' && each.connection === open.connection)
          return {
            seen: `stop() had resolved, and ${MOMENTS_MS / 1000} s later the process still ran.${open ? ' A connection was still open.' : ''}`,
            looksLike: open && early.includes(recording) ? halfBuilt(recording) : 'leaves-a-handle',
            show: [event, told(recording, 'stopped')[0], markOf(recording, 'the process still runs')],
          }
        }
        for (const recording of [life, ...early]) {
          const unable = reached(recording, 'ended by itself')
          if (unable) return unable
        }
        return undefined
      },
    ),
  ),
  step(
    'As a program',
    expectation('says what it does, as the service of lesson 05', program, (recording) => {
      const lines = [
        'Attempting to connect to RabbitMQ...',
        'RabbitMQ connection failed:',
        'Successfully connected to RabbitMQ!',
        `Declared queue: ${QUEUE}`,
        ` [x] Received ${LONG}`,
      ]
      const wanted = [...lines, ' [*] Waiting for messages. To exit press CTRL+C']
      const missing = wanted.find((text) => !printed(recording, text))
      if (missing !== undefined) {
        const unable = reached(recording, 'asked to stop') ?? reached(recording, 'read all that it printed')
        return (
          unable ?? {
            seen: `Your program never printed '${missing}'.`,
            looksLike: 'line-missing',
            show: output(recording).slice(0, 6),
          }
        )
      }
      const misplaced = outOfOrder(recording, lines)
      if (misplaced === undefined) return undefined
      return {
        seen: `Your program printed '${misplaced}', but not after '${lines[lines.indexOf(misplaced) - 1]}'.`,
        looksLike: 'line-missing',
        show: lines.map((text) => printed(recording, text)).sort((a, b) => (a?.ms ?? 0) - (b?.ms ?? 0)),
      }
    }),

    expectation(
      'stops on SIGINT and on SIGTERM, its task finished first',
      [program, terminated],
      (interrupted, terminated) => {
        return endsWell(interrupted, 'SIGINT') ?? endsWell(terminated, 'SIGTERM')
      },
    ),

    expectation('stops on a signal while it waits for its broker, too', unready, (recording) => {
      return endsBy(recording, 'SIGTERM') ?? reached(recording, 'read all that it printed')
    }),
  ),
])
