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
import { scenarioWith } from '../../lab/check/scenario.ts'
import { connections } from '../../lab/recording/connections.ts'
import { type Delivery, deliveries } from '../../lab/recording/deliveries.ts'
import { outOfOrder, output, printed, textOf } from '../../lab/recording/output.ts'
import { NeverCame } from '../../lab/recording/recorder.ts'
import { type Settlement, settlements } from '../../lab/recording/settlements.ts'
import type { Student } from '../../lab/student/student.ts'
import { whileRunning } from '../../lab/student/while-running.ts'
import { closeInHandshake } from '../../lab/wire/faults/close-in-handshake.ts'
import { refuse } from '../../lab/wire/faults/refuse.ts'

/** It is run as a program: no process with the driver is started ahead. */
const scenario = scenarioWith({ students: 0 })

const QUEUE = 'thumbnails'
const DOT_MS = 100
const RETRY_DELAY_MS = 150
/** After one refused attempt: who counts the attempts gives up later, who knows only refused ports gives up at the first. */
const RESETS = 4
/** Nobody who keeps RETRY_DELAY_MS sleeps this long, on the slowest machine. */
const OVERSLEPT_MS = 4000
/** Nor do ten DOT_MS of work take this long. */
const PATIENCE_MS = 5000
/** Ending needs nothing but the event loop. */
const MOMENTS_MS = 4000
/** With LONG_DOT_MS for a dot, a hundred seconds of work: longer than patience lasts on the busiest machine. */
const LONG = 'render the film....................'
const LONG_DOT_MS = 5000
const NEXT = 'render the poster.'

const working = scenario('a day of work', async (stage) => {
  const service = await program(stage)
  await declares(stage, service)
  // Whoever takes a second for each dot is done with three of them before patience ends.
  await works(stage, service, ['nothing to do', 'Grüße aus Köln...', 'resize a.b.c.d.e.f.g.h'])
  stage.mark('worked')
  // With the end of the process all that it printed is here.
  await service.kill()
  stage.mark('read all that it printed')
})

const unset = scenario('DOT_MS is not set', async (stage) => {
  const service = await program(stage, { DOT_MS: undefined })
  await declares(stage, service)
  await works(stage, service, ['one dot.'])
  stage.mark('worked')
})

const dotless = scenario('a task without a dot', async (stage) => {
  const service = await program(stage, { DOT_MS: '60000' })
  await declares(stage, service)
  await works(stage, service, ['no dot'])
  stage.mark('worked')
})
const late = scenario('the broker comes up late', async (stage) => {
  const closed = await stage.wire.switchOn(refuse())
  const service = await program(stage)
  await service.told('attempt-ended', { what: 'the first attempt to connect' })
  let fault: { off(): Promise<void> } = closed
  for (let nth = 1; nth <= RESETS; nth++) {
    const before = fault
    // The next one is on before this one is off: no attempt slips through between them.
    fault = await stage.wire.switchOn(
      closeInHandshake({ at: nth % 2 === 1 ? 'accept' : 'protocol-header', how: 'reset' }),
    )
    await before.off()
    await whileRunning(service, (signal) => stage.wire.accepts(nth, { limitMs: OVERSLEPT_MS, signal }))
    await stage.wire.ends({ connection: nth })
  }
  stage.mark('failed often')
  await fault.off()
  await declares(stage, service)
  await works(stage, service, ['at last'])
  stage.mark('worked')
  await service.kill()
  stage.mark('read all that it printed')
})

const idle = scenario(
  'SIGINT while it waits for tasks',
  async (stage) => {
    const service = await program(stage)
    await declares(stage, service)
    await works(stage, service, ['the only task'])
    await interrupt(stage, service)
  },
  { needs: ['signals'] },
)

const busy = scenario(
  'SIGINT in the middle of a task',
  async (stage) => {
    const service = await program(stage, { DOT_MS: String(LONG_DOT_MS) })
    await declares(stage, service)
    await stage.observer.publish(QUEUE, [LONG, NEXT])
    await whileRunning(service, (signal) =>
      stage.recorder.waitFor(
        'the long task to be delivered',
        () => deliveries(stage.recorder).some(({ body }) => body === LONG),
        { limitMs: PATIENCE_MS, signal },
      ),
    )
    await interrupt(stage, service)
    await lookInto(stage, QUEUE, 2)
  },
  { needs: ['signals'] },
)

/** What the process's own environment has: none of it may get into what loadConfig() returns. */
const OWN = { QUEUE: 'of_the_process', PREFETCH: '77', RETRY_DELAY_MS: '7777' }

const DEFAULTS = { amqpUrl: 'amqp://localhost', queue: 'task_queue', prefetch: 1, retryDelayMs: 5000 }
const GOOD: { env: Record<string, string>; config: Partial<typeof DEFAULTS> }[] = [
  { env: {}, config: {} },
  {
    env: { AMQP_URL: 'amqps://shop:secret@rabbit.example:5671/orders' },
    config: { amqpUrl: 'amqps://shop:secret@rabbit.example:5671/orders' },
  },
  { env: { QUEUE: 'orders' }, config: { queue: 'orders' } },
  { env: { PREFETCH: '1' }, config: { prefetch: 1 } },
  { env: { PREFETCH: '20' }, config: { prefetch: 20 } },
  { env: { PREFETCH: '65535' }, config: { prefetch: 65_535 } },
  { env: { RETRY_DELAY_MS: '250' }, config: { retryDelayMs: 250 } },
  { env: { RETRY_DELAY_MS: '0' }, config: { retryDelayMs: 0 } },
  { env: { RETRY_DELAY_MS: '2147483647' }, config: { retryDelayMs: 2_147_483_647 } },
]
const BAD: [variable: string, value: string][] = [
  ['PREFETCH', 'abc'],
  ['PREFETCH', '0'],
  ['PREFETCH', '-1'],
  ['PREFETCH', '1.5'],
  ['PREFETCH', '65536'],
  ['RETRY_DELAY_MS', 'abc'],
  ['RETRY_DELAY_MS', '-1'],
  ['RETRY_DELAY_MS', '2147483648'],
  ['AMQP_URL', 'nonsense'],
  ['AMQP_URL', 'http://localhost'],
]

const imported = scenario('it is imported', async (stage) => {
  const service = await stage.student({ ...variables(stage), ...OWN })
  // Two answers: whatever it began when it was loaded would have shown by now.
  await service.ping()
  await service.ping()
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
  await whileRunning(service, (signal) => stage.wire.sees('queue.declare-ok', undefined, { signal }))
  stage.mark('declared')
}

/** Publishes tasks, and waits until each is settled; a service that asks for no acknowledgement has settled it on arrival. */
async function works(stage: Stage, service: Student, tasks: string[]): Promise<void> {
  await stage.observer.publish(QUEUE, tasks)
  await whileRunning(service, (signal) =>
    stage.recorder.waitFor(
      `${times(tasks.length, 'task')} to be worked on and acknowledged`,
      (event) => {
        if (event.kind !== 'frame') return false
        const all = work(stage.recorder)
        return tasks.every((task) => all.some((one) => one.task === task && (one.ack || one.delivery.noAck)))
      },
      { limitMs: PATIENCE_MS, signal },
    ),
  )
  // The process has gone on behind its last ack.
  await service.ping()
}

/** Sends SIGINT, and waits until the process has ended; one that does not is ended by the lab. */
async function interrupt(stage: Stage, service: Student): Promise<void> {
  // Two answers: whatever was on its way to the process has been seen to.
  await service.ping()
  await service.ping()
  stage.mark('asked to stop')
  service.mayEnd()
  service.signal('SIGINT')
  try {
    await service.ends({ limitMs: MOMENTS_MS })
  } catch (error) {
    if (!(error instanceof NeverCame)) throw error
    stage.mark('did not stop')
    await service.kill()
  }
}

/** Takes out of the queue what is there once the broker has seen that the service is gone. */
async function lookInto(stage: Stage, queue: string, expected: number): Promise<void> {
  for (let tries = 0, unused = 0; tries < 200 && unused < 20; tries++) {
    const held = await stage.observer.queue(queue)
    if (!held.exists) break
    if (held.consumers === 0) unused++
    if (held.consumers === 0 && held.messages >= expected) break
    await sleep(30)
  }
  if ((await stage.observer.queue(queue)).exists) await stage.observer.drain(queue)
  stage.mark('looked into the queue')
}

interface Work {
  task: string
  delivery: Delivery
  ack?: Settlement
  /** From the delivery to the ack. */
  tookMs?: number
}

/** What became of each delivery. */
function work(recording: Pick<Recording, 'events'>): Work[] {
  const acks = settlements(recording).filter(({ kind }) => kind === 'ack')
  return deliveries(recording).map((delivery) => {
    const { connection, channel, deliveryTag, body: task, ms } = delivery
    const ack = acks.find(
      (one) => one.connection === connection && one.channel === channel && one.tags.includes(deliveryTag),
    )
    return { task, delivery, ...(ack && { ack, tookMs: ack.ms - (delivery.completeMs ?? ms) }) }
  })
}

function dots(task: string): number {
  return task.split('.').length - 1
}

/** Whether each task was acknowledged when `dotMs` for each of its dots had passed. */
function worksFor(recording: Recording, dotMs: number, setting: string): Shortfall | undefined {
  const all = work(recording)
  for (const { task, delivery, ack, tookMs } of all) {
    const least = dots(task) * dotMs
    if (delivery.noAck) {
      const consume = recording.events.find((event) => event.kind === 'frame' && event.fields.noAck === true)
      return {
        seen: `The task '${task}' was delivered to a consumer that acknowledges nothing: the broker forgot it at once.`,
        looksLike: 'acks-early',
        show: [consume, delivery.frame],
        wrong: { event: consume, instead: 'without noAck: the broker keeps the task until it is acknowledged' },
      }
    }
    if (ack && tookMs !== undefined && tookMs < 0.9 * least) {
      return {
        seen: `${setting}, so '${task}' is ${least} ms of work. It was acknowledged ${tookMs.toFixed(0)} ms after it had been delivered.`,
        looksLike: dotMs === 1000 ? 'no-default-dot-ms' : howEarly(all, dotMs),
        show: [delivery.frame, ack.frame],
        wrong: { event: ack.frame, instead: `an ack ${least} ms after the delivery` },
      }
    }
    if (ack && tookMs !== undefined && dots(task) > 0 && dotMs === DOT_MS && takesASecondForEachDot(all)) {
      return {
        seen: `${setting}, so '${task}' is ${least} ms of work. It was acknowledged ${tookMs.toFixed(0)} ms after it had been delivered.`,
        looksLike: 'ignores-dot-ms',
        show: [delivery.frame, ack.frame],
        wrong: { event: ack.frame, instead: `an ack ${least} ms after the delivery` },
      }
    }
    if (!marked(recording, 'worked') && dots(task) > 0 && !ack && findings(recording).length === 0) {
      const inVain = recording.events.find((event) => event.kind === 'awaited')
      return {
        seen: `${setting}, so '${task}' is ${least} ms of work. After ${PATIENCE_MS / 1000} s it was not acknowledged.`,
        looksLike: settledOtherwise(recording) || dotMs === 1000 ? undefined : 'ignores-dot-ms',
        show: [delivery.frame, inVain],
        wrong: { event: inVain, instead: `basic.ack ${least} ms after the delivery` },
      }
    }
  }
  return reached(recording, 'worked')
}

/** Whether all that was done took as long as it does where DOT_MS is not read. */
function takesASecondForEachDot(all: Work[]): boolean {
  return all.every(({ task, tookMs }) => tookMs === undefined || tookMs >= 0.9 * dots(task) * 1000)
}

/** No work at all, or work that does not grow with the dots. */
function howEarly(all: Work[], dotMs: number): string {
  const dotted = all.filter(({ task, tookMs }) => dots(task) > 0 && tookMs !== undefined)
  const quick = dotted.some(({ tookMs = 0 }) => tookMs < 0.9 * dotMs)
  const full = dotted.some(({ task, tookMs = 0 }) => tookMs >= 0.9 * dots(task) * dotMs)
  return quick && !full ? 'acks-early' : 'not-per-dot'
}

function settledOtherwise(recording: Recording): boolean {
  return settlements(recording).some(({ kind }) => kind !== 'ack')
}

/** The waits between a reset that the lab made and the next attempt. */
function waits(recording: Recording) {
  const all = connections(recording)
  const accepted = (connection: number) =>
    recording.events.find((event) => event.kind === 'tcp' && event.connection === connection)
  return all.flatMap((each, i) => {
    const next = all[i + 1]
    if (!next || each.end?.by !== 'lab') return []
    return [{ ms: next.acceptedMs - each.end.ms, failure: each.end.event, next: accepted(next.connection) }]
  })
}

/** Whether all of `texts` were printed, in this order. */
function says(recording: Recording, texts: string[]): Shortfall | undefined {
  const missing = texts.find((text) => !printed(recording, text))
  if (missing !== undefined) {
    const unable = reached(recording, 'read all that it printed')
    return (
      unable ?? {
        seen: `Your program never printed '${missing}'.`,
        looksLike: 'line-missing',
        show: output(recording).slice(0, 6),
        wrong: { event: output(recording).slice(0, 6).at(-1), instead: `'${missing}', somewhere among the lines` },
      }
    )
  }
  const misplaced = outOfOrder(recording, texts)
  if (misplaced === undefined) return undefined
  const before = texts[texts.indexOf(misplaced) - 1]
  return {
    seen: `Your program printed '${misplaced}', but not after '${before}'.`,
    looksLike: 'lines-out-of-order',
    show: texts.map((text) => printed(recording, text)).sort((a, b) => (a?.ms ?? 0) - (b?.ms ?? 0)),
    wrong: { event: printed(recording, misplaced), instead: `not before '${before}'` },
  }
}

function failuresIn(text: string): number[] {
  return [...text.matchAll(/RabbitMQ connection failed:(?:(?!RabbitMQ connection failed:)[\s\S])*?Retrying in /g)].map(
    ({ index }) => index,
  )
}

function failureLines(recording: Recording): number {
  return failuresIn(textOf(recording, 'stdout')).length + failuresIn(textOf(recording, 'stderr')).length
}

/** The failures are told after the first attempt, and before the success. */
function failuresInPlace(recording: Recording, failed: number): Shortfall | undefined {
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = textOf(recording, stream)
    const failures = failuresIn(text)
    if (failures.length < failed) continue
    const attempting = text.indexOf('Attempting to connect to RabbitMQ...')
    const success = text.lastIndexOf('Successfully connected to RabbitMQ!')
    const late = attempting !== -1 && attempting > (failures.at(-failed) ?? 0)
    if (late || (success !== -1 && success < (failures[failed - 1] ?? 0))) {
      return {
        seen: late
          ? "Your program told of a failure before it had printed 'Attempting to connect to RabbitMQ...'."
          : "Your program printed 'Successfully connected to RabbitMQ!' before it told of the last failure.",
        looksLike: 'lines-out-of-order',
        show: output(recording).slice(0, 6),
      }
    }
  }
  return undefined
}

function interruption(recording: Recording): RecordedEvent | undefined {
  return recording.events.find(
    (event) => event.kind === 'process' && event.what === 'signalled' && event.signal === 'SIGINT',
  )
}

/** What SIGINT has to lead to. */
function stops(recording: Recording, looksLikeRunning: string): Shortfall | undefined {
  const asked = interruption(recording)
  if (!asked) return reached(recording, 'asked to stop')
  const after = output(recording).filter(({ ms }) => ms >= asked.ms)
  const goodbye = after.find(({ text }) => text?.includes('Exiting consumer'))
  if (marked(recording, 'did not stop')) {
    const stayed = recording.events.find((event) => event.kind === 'mark' && event.name === 'did not stop')
    return {
      seen: `${MOMENTS_MS / 1000} s after SIGINT your process was still running.`,
      looksLike: looksLikeRunning,
      show: [asked, goodbye, stayed],
      wrong: { event: stayed, instead: 'the process has ended, with exit code 0' },
    }
  }
  const end = recording.events.find((event) => event.kind === 'process' && event.what === 'exited')
  if (end?.kind !== 'process') return reached(recording, 'ended')
  if (end.signal === 'SIGINT') {
    return {
      seen: 'SIGINT ended your process before it could say a word.',
      looksLike: 'no-sigint-handler',
      show: [asked, end],
      wrong: { event: end, instead: "'Exiting consumer', and exit code 0" },
    }
  }
  if (end.code !== 0) {
    const stack = after.filter(({ what, text }) => what === 'stderr' && /^\s+at |Error/.test(text ?? ''))
    return {
      seen: `On SIGINT your process ended with ${end.signal ? `signal ${end.signal}` : `exit code ${end.code}`}.`,
      looksLike: stack.length > 0 ? undefined : 'wrong-exit-code',
      show: [asked, ...stack.slice(0, 3), end],
      wrong: { event: end, instead: 'exit code 0' },
    }
  }
  if (!goodbye) {
    return {
      seen: "Your process ended with exit code 0, but after SIGINT it did not print 'Exiting consumer'.",
      looksLike: 'no-goodbye',
      show: [asked, ...after.slice(0, 3), end],
      wrong: { event: end, instead: "'Exiting consumer' before it" },
    }
  }
  return undefined
}

/** What loadConfig() answered when it was given `env`, as the driver tells it. */
interface Answer {
  event: RecordedEvent
  config?: Record<string, unknown>
  isPromise?: boolean
  threw?: { message: string; all: string }
}

function loaded(recording: Recording, env: Record<string, string>): Answer | undefined {
  const answer = settled(recording, 'load', (args) => JSON.stringify(args.env) === JSON.stringify(env))
  return answer?.ok ? { event: answer.event, ...(answer.value as object) } : undefined
}

/** Whether loadConfig() made `config` of `env`. */
function reads(recording: Recording, env: Record<string, string>, config: typeof DEFAULTS): Shortfall | undefined {
  const answer = loaded(recording, env)
  if (!answer) return reached(recording, 'good values')
  const given = Object.entries(env).map(([name, value]) => `${name}: '${value}'`)
  const call = `loadConfig({${given.length > 0 ? ` ${given.join(', ')} ` : ''}})`
  const show = [answer.event]
  if (answer.threw) {
    const looksLike = given.length > 0 ? 'refuses-good-values' : undefined
    const wrong = { event: answer.event, instead: 'it returns the settings: the value is a good one' }
    return { seen: `${call} threw: ${answer.threw.message}`, looksLike, show, wrong }
  }
  if (answer.isPromise) return { seen: `${call} returned a promise, not the settings themselves.`, show }
  const is = answer.config ?? {}
  const wrong = (Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]).find((name) => is[name] !== config[name])
  if (wrong === undefined) return undefined
  return {
    seen: `${call} returned ${wrong} ${JSON.stringify(is[wrong]) ?? 'undefined'} where ${JSON.stringify(config[wrong])} was expected.`,
    looksLike: wrongSetting(wrong, is[wrong], config[wrong]),
    show,
    wrong: { event: answer.event, instead: `${wrong} ${JSON.stringify(config[wrong])}` },
  }
}

function wrongSetting(name: keyof typeof DEFAULTS, is: unknown, expected: unknown): string | undefined {
  const own: string[] = Object.values(OWN)
  if (own.includes(String(is)) || (name === 'amqpUrl' && String(is).includes('@127.0.0.1'))) return 'reads-process-env'
  if (typeof expected === 'number' && typeof is === 'string') return 'not-a-number'
  if (expected === 0 && is === DEFAULTS[name]) return 'zero-is-no-value'
  return expected === DEFAULTS[name] ? 'wrong-default' : undefined
}

export default check('05-first-service', [
  step(
    'It works on tasks',
    expectation('declares the queue that QUEUE names, durable', working, (recording) => {
      const declared = recording.events.flatMap((event) =>
        event.kind === 'frame' && event.from === 'student' && event.method === 'queue.declare' && !event.fields.passive
          ? [event]
          : [],
      )
      const mine = declared.filter(({ fields }) => fields.queue === QUEUE)
      const [first] = declared
      if (mine.some(({ fields }) => fields.durable === true)) return undefined
      if (mine.length > 0) {
        return {
          seen: `Your service declared the queue '${QUEUE}', but not as durable.`,
          looksLike: 'not-durable',
          show: mine.slice(0, 1),
          wrong: { event: mine[0], instead: 'queue.declare with durable true' },
        }
      }
      if (!first) return reached(recording, 'declared')
      return {
        seen: `QUEUE was '${QUEUE}', but your service declared the queue '${first.fields.queue}'.`,
        looksLike: 'ignores-queue-variable',
        show: [first],
        wrong: { event: first, instead: `queue.declare for '${QUEUE}'` },
      }
    }),

    expectation(
      'acknowledges a task when its dots are worked off',
      [working, unset, dotless],
      (recording, withoutDotMs, withoutDot) => {
        const shortfall =
          worksFor(recording, DOT_MS, `DOT_MS was ${DOT_MS}`) ?? worksFor(withoutDotMs, 1000, 'DOT_MS was not set')
        if (shortfall || marked(withoutDot, 'worked')) return shortfall
        const delivery = deliveries(withoutDot).find(({ body }) => body === 'no dot')
        if (!delivery || findings(withoutDot).length > 0) return reached(withoutDot, 'worked')
        const inVain = withoutDot.events.find((event) => event.kind === 'awaited')
        return {
          seen: `DOT_MS was 60000. The task 'no dot' has no dot, but ${PATIENCE_MS / 1000} s after it came it was not acknowledged.`,
          looksLike: 'not-per-dot',
          show: [delivery.frame, inVain],
          wrong: { event: inVain, instead: 'basic.ack soon after the delivery: no dot, no work' },
        }
      },
    ),
  ),
  step(
    'It waits for its broker',
    expectation('tries again every RETRY_DELAY_MS until the broker is there', late, (recording) => {
      const hasty = waits(recording).find((wait) => wait.ms < 0.9 * RETRY_DELAY_MS)
      if (hasty) {
        return {
          seen: `RETRY_DELAY_MS was ${RETRY_DELAY_MS}, but an attempt came ${hasty.ms.toFixed(1)} ms after the failure of the one before.`,
          looksLike: 'no-wait',
          show: [hasty.failure, hasty.next],
          wrong: { event: hasty.next, instead: `not before ${RETRY_DELAY_MS} ms have passed` },
        }
      }
      const between = waits(recording)
      const quickest = between.toSorted((one, other) => one.ms - other.ms)[0]
      // A busy machine may hold one attempt up, or two; not each of them.
      if (quickest && between.length >= RESETS - 1 && quickest.ms > OVERSLEPT_MS) {
        return {
          seen: `RETRY_DELAY_MS was ${RETRY_DELAY_MS}, but no attempt came sooner than ${(quickest.ms / 1000).toFixed(1)} s after the failure of the one before.`,
          looksLike: 'ignores-retry-delay',
          show: [quickest.failure, quickest.next],
          wrong: { event: quickest.next, instead: `${RETRY_DELAY_MS} ms after the failure` },
        }
      }
      if (marked(recording, 'worked')) return undefined
      const tries = told(recording, 'attempt')
      const [end] = findings(recording)
      const unable = reached(recording, 'worked')
      if (marked(recording, 'failed often') || !unable || tries.length === 0) return unable
      if (end) {
        return {
          seen: `The broker was not up yet, and your process ended after ${times(tries.length, 'attempt')}. ${end.sentence}`,
          looksLike: tries.length === 1 ? 'no-retry' : tries.length === 2 ? 'one-kind-of-failure' : 'gives-up',
          show: [...tries.slice(-2), end],
          wrong: { event: end, instead: 'another attempt, after RETRY_DELAY_MS' },
        }
      }
      const inVain = recording.events.find((event) => event.kind === 'awaited')
      if (!inVain) return unable
      return {
        seen: `RETRY_DELAY_MS was ${RETRY_DELAY_MS}, but ${OVERSLEPT_MS / 1000} s after ${times(tries.length, 'failed attempt')} no other had come.`,
        looksLike: failureLines(recording) > 0 ? 'ignores-retry-delay' : undefined,
        show: [tries.at(-1), inVain],
        wrong: { event: inVain, instead: `another attempt, ${RETRY_DELAY_MS} ms after the failure` },
      }
    }),
  ),
  step(
    'It says what it does',
    expectation('says how it starts, in order', working, (recording) => {
      const lines = [
        'Attempting to connect to RabbitMQ...',
        'Successfully connected to RabbitMQ!',
        `Declared queue: ${QUEUE}`,
        ' [*] Waiting for messages. To exit press CTRL+C',
      ]
      return says(recording, lines)
    }),

    expectation('says which task it has received', working, (recording) => {
      const bodies = [...new Set(deliveries(recording).map(({ body }) => body))]
      const missing = bodies.find((task) => !printed(recording, ` [x] Received ${task}`))
      if (missing !== undefined && bodies.length > 0) {
        const instead = output(recording).find(({ text }) => /received/i.test(text ?? ''))
        if (!marked(recording, 'read all that it printed')) return reached(recording, 'read all that it printed')
        return {
          seen: `The task '${missing}' was delivered, but your program never printed ' [x] Received ${missing}'.`,
          looksLike:
            instead && !bodies.some((task) => instead.text?.includes(task)) ? 'task-not-shown' : 'line-missing',
          show: [deliveries(recording).find(({ body }) => body === missing)?.frame, instead],
          wrong: { event: instead, instead: `' [x] Received ${missing}'` },
        }
      }
      const early = bodies.find((task) => outOfOrder(recording, [`Declared queue: ${QUEUE}`, ` [x] Received ${task}`]))
      if (early !== undefined) return says(recording, [`Declared queue: ${QUEUE}`, ` [x] Received ${early}`])
      return bodies.length >= 3 ? undefined : reached(recording, 'worked')
    }),

    expectation('says so each time that it can not connect', late, (recording) => {
      const all = told(recording, 'attempt').length
      // The last attempt came through; where the scenario ended early, the last failure may not have been told yet.
      const failed = all - 1
      const lines = failureLines(recording)
      if (failed < 1) return reached(recording, 'worked')
      if (lines < failed) {
        // The first failure that has no line of its own is among them.
        const ended = told(recording, 'attempt-ended').slice(0, lines + 1)
        return {
          seen: `${times(failed, 'attempt')} failed, but your program printed ${times(lines, 'line')} like 'RabbitMQ connection failed: … Retrying in …'.`,
          looksLike: 'fails-in-silence',
          show: [...ended, ...output(recording).slice(0, 4)].sort((a, b) => a.ms - b.ms),
          wrong: { event: ended.at(-1), instead: "a line for this failure: 'RabbitMQ connection failed: …'" },
        }
      }
      return failuresInPlace(recording, failed)
    }),
  ),
  step(
    'It stops when it is asked to',
    expectation("prints 'Exiting consumer' and ends with exit code 0 on SIGINT", idle, (recording) => {
      return stops(recording, 'lives-on')
    }),

    expectation('ends within moments in the middle of a task, too', busy, (recording) => {
      return stops(recording, 'finishes-the-task')
    }),

    expectation('leaves what it has not acknowledged in the queue', busy, (recording) => {
      const drained = recording.events.find((event) => event.kind === 'broker' && event.what === 'drained')
      if (!marked(recording, 'looked into the queue')) return reached(recording, 'looked into the queue')
      const left = drained?.kind === 'broker' ? (drained.data.tasks as { task: string }[]) : []
      const all = work(recording)
      const lost = [LONG, NEXT].find((task) => {
        if (left.some((one) => one.task === task)) return false
        // Two at once are nobody's fault here: what is done is done.
        return !all.some(
          (one) => one.task === task && one.tookMs !== undefined && one.tookMs >= 0.9 * dots(task) * LONG_DOT_MS,
        )
      })
      if (lost === undefined) return undefined
      const interrupted = interruption(recording)
      const mine = all.find(({ task }) => task === lost)
      const settlement = settlements(recording).find(({ tags }) => mine && tags.includes(mine.delivery.deliveryTag))
      const early = mine?.delivery.noAck || (settlement && interrupted && settlement.ms < interrupted.ms)
      return {
        seen: `The work on '${lost}' was not done when the process ended, but the task was no longer in the queue.`,
        looksLike: early ? 'acks-early' : settlement ? 'gives-up-the-task' : undefined,
        show: [mine?.delivery.frame, interrupted, settlement?.frame, drained],
        wrong: settlement && {
          event: settlement.frame,
          instead: 'nothing: a task that is not acknowledged stays in the queue',
        },
      }
    }),
  ),
  step(
    'It can be imported, and looks at its settings',
    expectation('does nothing when it is imported', imported, (recording) => {
      const attempt = recording.events.find(
        (event) =>
          (event.kind === 'told' && event.name === 'attempt') || (event.kind === 'tcp' && event.what === 'accepted'),
      )
      const line = output(recording).find(
        ({ what, text }) => what === 'stdout' || /^(Attempting to connect|Exiting consumer)/.test(text ?? ''),
      )
      if (attempt || line) {
        return {
          seen: `The file was imported, not run, and ${attempt ? 'your code opened a connection' : `printed '${line?.text}'`}.`,
          looksLike: 'starts-on-import',
          show: [attempt, line].filter((event) => event !== undefined).sort((a, b) => a.ms - b.ms),
          wrong: { event: attempt ?? line, instead: 'nothing happens when the file is imported' },
        }
      }
      return reached(recording, 'imported')
    }),

    expectation('reads its settings from what loadConfig() is given', imported, (recording) => {
      for (const { env, config } of GOOD) {
        const shortfall = reads(recording, env, { ...DEFAULTS, ...config })
        if (shortfall) return shortfall
      }
      return reached(recording, 'good values')
    }),

    expectation('refuses a bad value, and says which variable it is', imported, (recording) => {
      for (const [variable, value] of BAD) {
        const answer = loaded(recording, { [variable]: value })
        const call = `loadConfig({ ${variable}: '${value}' })`
        if (answer && !answer.threw) {
          return {
            // What JSON has no word for comes as a text.
            seen: `${call} threw nothing. It returned ${answer.isPromise ? 'a promise' : JSON.stringify(answer.config).replace(/"(NaN|-?Infinity)"/, '$1')}.`,
            looksLike: 'accepts-bad-values',
            show: [answer.event],
            wrong: { event: answer.event, instead: `loadConfig() throws, and names ${variable}` },
          }
        }
        if (answer?.threw && !answer.threw.all.includes(variable)) {
          return {
            seen: `${call} threw '${answer.threw.message}', which does not name ${variable}.`,
            looksLike: 'does-not-name-variable',
            show: [answer.event],
            wrong: { event: answer.event, instead: `a message with ${variable} in it` },
          }
        }
        const [end] = findings(recording)
        if (!answer && end?.id === 'exited' && marked(recording, 'good values')) {
          return {
            seen: `${call} ended the process. ${end.sentence}`,
            looksLike: 'exits-instead',
            show: [end],
            wrong: { event: end, instead: `loadConfig() throws, and names ${variable}` },
          }
        }
      }
      return reached(recording, 'bad values')
    }),
  ),
])
