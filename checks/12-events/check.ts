import { isDeepStrictEqual } from 'node:util'
import { check, expectation, step } from '../../lab/check/check.ts'
import {
  reached as cameTo,
  findings,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  type Stage,
  said,
  settled,
  told,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { connections } from '../../lab/recording/connections.ts'
import { type Delivery, deliveries } from '../../lab/recording/deliveries.ts'
import { type Published, published } from '../../lab/recording/published.ts'
import type { FrameEvent } from '../../lab/recording/recording.ts'
import { settlements } from '../../lab/recording/settlements.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import { FAILURE } from '../shared/handlers.ts'
import { markOf } from '../shared/order.ts'
import {
  type Ack,
  acks,
  type Begun,
  begun,
  by,
  type Events,
  finishes,
  noAckConsume,
  waited,
  withNoAck,
} from '../shared/tasks.ts'
import { finish, goOn, inHand, killAndWait, lives, MOMENTS_MS } from '../shared/work.ts'
import type { SubscribeArgs } from './driver.ts'

const SHOP = 'shop'
/** The lab's name for the publisher's channel. */
const PUBLISHER = 'the shop'
const ORDER = { order: 4711 }
/** Time enough for what should not come, or need not come, to come. */
const TURNS = 15

/** By service: its pattern, and the events below that it asks for with it. */
const SERVICES: Record<string, { pattern: string; wants: string[] }> = {
  mail: { pattern: 'order.created', wants: ['order.created'] },
  invoices: { pattern: 'order.*', wants: ['order.paid', 'order.created'] },
  statistics: { pattern: 'order.*', wants: ['order.paid', 'order.created'] },
  warehouse: { pattern: 'order.#', wants: ['order.paid', 'order.line.added', 'order', 'order.created'] },
  returns: { pattern: '#.created', wants: ['picture.small.created', 'order.created'] },
  archive: {
    pattern: '#',
    wants: ['order.paid', 'order.line.added', 'order', 'picture.small.created', 'order.created'],
  },
}
/** The last one is for everybody: when it is there, so is all that came before it. */
const EVENTS = SERVICES.archive?.wants ?? []
const LAST = EVENTS.at(-1) as string

const asked = scenario('six services ask for different events', async (stage) => {
  const process = await stage.student()
  for (const [service, { pattern }] of Object.entries(SERVICES)) await subscribe(stage, process, { service, pattern })
  for (const type of EVENTS) await publish(stage, process, type)
  const complete = () =>
    Object.entries(SERVICES).every(
      ([service, { wants }]) =>
        handled(stage.recorder, service).length >= wants.length &&
        handled(stage.recorder, service).some(({ task }) => task === LAST),
    )
  await until(stage, process, 'each service to be told of what it asked for', complete).catch(goOn)
  await lives(process)
  stage.mark('all were told')
})

/** Whatever JSON can hold; by type. */
const PAYLOADS: Record<string, unknown> = {
  'order.created': {
    order: 4711,
    customer: { name: 'Zoë 山田 🧾', phone: null },
    lines: [
      { photo: 'café.jpg', price: 12.5 },
      { photo: 'a "quoted" \\ name\n', price: 0.1 },
    ],
    gift: false,
  },
  'note.written': 'Größe ändern: 東京',
  'price.changed': 12.5,
  'stock.counted': [3, null, 'three', [], {}],
  'shop.closed': null,
  'stock.sold-out': 0,
  'shop.open': false,
  'note.emptied': '',
}

const payloads = scenario('payloads of every kind', async (stage) => {
  const process = await stage.student()
  await subscribe(stage, process, { service: 'archive', pattern: '#' })
  for (const [type, payload] of Object.entries(PAYLOADS)) await publish(stage, process, type, { payload })
  const count = Object.keys(PAYLOADS).length
  const complete = () => begun(stage.recorder).length >= count
  await until(stage, process, 'the handler to be called for each event', complete)
  stage.mark('all were handled')
})

const nobody = scenario('nobody has asked for the event', async (stage) => {
  const process = await stage.student()
  const confirm = await stage.wire.switchOn(hold({ method: 'basic.ack', from: 'broker' }))
  const call = process.call('publish', publishArgs(stage, 'order.created', {}))
  // Of what was published nobody is told but by its confirm; a call that fails says so before.
  const confirmed = () => hasSettled(stage, call) || frames(stage.recorder, 'basic.ack').length > 0
  await until(stage, process, 'the event to be published', confirmed).catch(goOn)
  await lives(process)
  stage.mark('the confirm is on its way')
  await confirm.off()
  await process.settled(call, 'publishEvent()', { limitMs: MOMENTS_MS })
  stage.mark('published')
})

const SHARED = ['order.created', 'order.paid', 'order.packed', 'order.shipped', 'order.delivered', 'order.closed']
const INSTANCES = ['mail 1', 'mail 2', 'mail 3']

const instances = scenario(
  'three instances of one service, in two processes',
  async (stage) => {
    const first = await stage.student()
    const second = await stage.student()
    const where = [first, first, second]
    for (const [i, channel] of INSTANCES.entries()) {
      await subscribe(stage, where[i] as Student, { service: 'mail', pattern: 'order.*', channel })
    }
    await subscribe(stage, second, { service: 'invoices', pattern: 'order.*' })
    for (const type of SHARED) await publish(stage, first, type)
    const complete = () =>
      SHARED.every((type) =>
        ['mail', 'invoices'].every((service) => handled(stage.recorder, service).some(({ task }) => task === type)),
      )
    await until(stage, second, 'both services to be told of each event', complete).catch(goOn)
    await inTurns(second, TURNS, () => twiceDelivered(stage.recorder, INSTANCES) !== undefined)
    stage.mark('both were told')
  },
  { students: 2 },
)

const DONE = 'order.created'
const IN_HAND = 'order.paid'
const MISSED = ['order.packed', 'order.shipped']

const away = scenario(
  'a service is killed, and comes back',
  async (stage) => {
    const service = await stage.student()
    const shop = await stage.student()
    await subscribe(stage, service, { service: 'mail', pattern: 'order.*', otherwise: 'hold' })
    await publish(stage, shop, DONE)
    await begins(stage, service, DONE)
    await roundTrip(service, 'mail')
    stage.mark('at work on the first')
    for (const one of inHand(stage, service)) finish(service, one, 'resolve')
    const acked = () => ackOf(stage.recorder, DONE) !== undefined || withoutAcks(stage.recorder)
    await until(stage, service, `an ack for '${DONE}', whose handler had resolved`, acked).catch(goOn)
    stage.mark('the first was handled')
    await publish(stage, shop, IN_HAND)
    await begins(stage, service, IN_HAND)
    await roundTrip(service, 'mail')
    stage.mark('in the middle')
    await killAndWait(stage, service, queueOf(stage.recorder, 'mail') ?? '')
    for (const type of MISSED) await publish(stage, shop, type)
    stage.mark('away')
    await subscribe(stage, shop, { service: 'mail', pattern: 'order.*', channel: 'mail again' })
    const back = () => [IN_HAND, ...MISSED].every((type) => isHandledBy(stage.recorder, 'mail again', type))
    await until(stage, shop, 'the service to find what it missed', back).catch(goOn)
    stage.mark('came back')
  },
  { students: 2 },
)

const FAILS = 'order.created'
const OTHER = 'order.paid'
const FAILING = { order: 4712 }

const rejects = scenario('a handler rejects', async (stage) => {
  const process = await stage.student()
  await subscribe(stage, process, { service: 'mail', pattern: 'order.*', plan: { [FAILS]: ['reject', 'reject'] } })
  await publish(stage, process, FAILS, { payload: FAILING })
  await begins(stage, process, FAILS)
  await lives(process)
  stage.mark('failed')
  await publish(stage, process, OTHER)
  await begins(stage, process, OTHER, FAILS).catch(goOn)
  stage.mark('went on')
  const resolved = () => isResolved(stage.recorder, FAILS)
  if (!(await inTurns(process, TURNS, resolved))) {
    // Who keeps a failed event unacknowledged, or pauses, gives it back at the latest with the channel.
    await process.ask('leave', { channel: 'mail' })
    await subscribe(stage, process, { service: 'mail', pattern: 'order.*', channel: 'mail again' })
    await until(stage, process, `'${FAILS}' to come again`, resolved).catch(goOn)
    if (!resolved()) await lookElsewhere(stage)
  }
  stage.mark('came again')
})

const BEFORE = 'order.created'
const BEHIND = 'order.paid'

const restart = scenario(
  'the broker restarts while a service is away',
  async (stage) => {
    const process = await stage.student()
    await subscribe(stage, process, { service: 'mail', pattern: 'order.*' })
    await process.ask('leave', { channel: 'mail' })
    await publish(stage, process, BEFORE)
    await stage.restartBroker()
    await publish(stage, process, BEHIND, { channel: 'the shop again' })
    stage.mark('published again')
    await subscribe(stage, process, { service: 'mail', pattern: 'order.*', channel: 'mail again' })
    const back = () => [BEFORE, BEHIND].every((type) => isHandledBy(stage.recorder, 'mail again', type))
    await until(stage, process, 'the service to find what it missed', back).catch(goOn)
    stage.mark('came back')
  },
  { restarts: true },
)

// ── What the scenarios do ──────────────────────────────────────────────────────────────────────────

type Subscription = Pick<SubscribeArgs, 'service' | 'pattern'> & Partial<SubscribeArgs>

/** Resolves when the subscription is at the broker. @throws StudentGone when the call rejects */
async function subscribe(stage: Stage, process: Student, subscription: Subscription): Promise<void> {
  const args: SubscribeArgs = { url: stage.url, exchange: SHOP, channel: subscription.service, ...subscription }
  const call = process.call('subscribe', args)
  const { ok } = await process.settled(call, 'subscribe()', { limitMs: MOMENTS_MS })
  if (!ok) throw new StudentGone('subscribe() rejected')
  await roundTrip(process, args.channel)
}

/** @throws StudentGone when the call rejects */
async function publish(
  stage: Stage,
  process: Student,
  type: string,
  options: { channel?: string; payload?: unknown } = {},
): Promise<void> {
  const call = process.call('publish', publishArgs(stage, type, options))
  const { ok } = await process.settled(call, 'publishEvent()', { limitMs: MOMENTS_MS })
  if (!ok) throw new StudentGone('publishEvent() rejected')
  // Whoever does not wait for the confirm is told so elsewhere.
  await roundTrip(process, options.channel ?? PUBLISHER)
}

/** Notes what is in the other queues that the exercise has declared: an event may wait there, or be set aside. */
async function lookElsewhere({ recorder, observer }: Stage): Promise<void> {
  const own = queueOf(recorder, 'mail again')
  const declared = new Set(frames(recorder, 'queue.declare-ok').map(({ fields }) => String(fields.queue)))
  for (const queue of declared) {
    if (queue === own) continue
    const { exists, locked } = await observer.queue(queue)
    if (exists && !locked) await observer.drain(queue)
  }
}

function publishArgs({ url }: Stage, type: string, options: { channel?: string; payload?: unknown }) {
  return { url, channel: PUBLISHER, exchange: SHOP, type, payload: ORDER, ...options }
}

async function roundTrip(process: Student, channel: string): Promise<void> {
  await process.ask('roundTrip', { channel })
}

/** @param besides a type whose handler may be called again meanwhile: that it was says nothing of this one */
function begins(stage: Stage, process: Student, type: string, besides?: string): Promise<void> {
  // Who is told of another type is told so elsewhere: what counts is that one more handler was called.
  const calls = () => begun(stage.recorder).filter(({ task }) => task !== besides).length
  const before = calls()
  const isThere = () => begunOf(stage.recorder, type) !== undefined || calls() > before
  return until(stage, process, `the handler to be called for '${type}'`, isThere)
}

/** Waits for what only a living process can bring. @throws NeverCame, StudentGone */
async function until(stage: Stage, { number }: Student, what: string, isThere: () => boolean): Promise<void> {
  const ended = (event: RecordedEvent) =>
    event.kind === 'process' && event.what === 'exited' && event.student === number
  // A hot loop of redeliveries fills the recording: only what can make a difference counts.
  const matters = (event: RecordedEvent) =>
    event.kind === 'told' || (event.kind === 'frame' && event.method === 'basic.ack')
  await stage.recorder.waitFor(what, (event) => (matters(event) && isThere()) || ended(event), { limitMs: MOMENTS_MS })
  if (!isThere()) throw new StudentGone(`the process ended before ${what}`)
}

// ── What the recordings tell ───────────────────────────────────────────────────────────────────────

function frames({ events }: Events, method: string): FrameEvent[] {
  return events.filter((event): event is FrameEvent => event.kind === 'frame' && event.method === method)
}

/** The frames of one of the lab's connections, which carry the name of its channel. */
function framesOf(recording: Events, channel: string, method: string): FrameEvent[] {
  const own = connections(recording).find(({ name }) => name === channel)
  return frames(recording, method).filter(({ connection }) => connection === own?.connection)
}

function consumeOf(recording: Events, channel: string): FrameEvent | undefined {
  return framesOf(recording, channel, 'basic.consume')[0]
}

/** The queue from which that instance consumes. */
function queueOf(recording: Events, channel: string): string | undefined {
  const queue = consumeOf(recording, channel)?.fields.queue
  return typeof queue === 'string' ? queue : undefined
}

function deliveriesTo(recording: Events, channel: string): Delivery[] {
  const own = connections(recording).find(({ name }) => name === channel)
  return deliveries(recording).filter(({ connection }) => connection === own?.connection)
}

function keyOf({ frame }: Delivery): string {
  return String(frame.fields.routingKey)
}

function deliveryOf(recording: Events, type: string): Delivery | undefined {
  return deliveries(recording).find((delivery) => keyOf(delivery) === type)
}

/** A handler was called, with which type, for which instance of which service. */
type Handled = Begun & { channel: string; kind: string; json: string | null }

function handled(recording: Events, service: string): Handled[] {
  return (begun(recording) as Handled[]).filter(({ queue }) => queue === service)
}

function begunOf(recording: Events, type: string): Handled | undefined {
  return (begun(recording) as Handled[]).find(({ task }) => task === type)
}

function isHandledBy(recording: Events, channel: string, type: string): boolean {
  return (begun(recording) as Handled[]).some((one) => one.channel === channel && one.task === type)
}

function isResolved(recording: Events, type: string): boolean {
  return begun(recording).some(({ task, deed }) => task === type && deed === 'resolve')
}

function ackOf(recording: Events, type: string): Ack | undefined {
  return acks(recording).find(({ own, also }) => [own, ...also].some((each) => each && keyOf(each) === type))
}

/** The lab had not told a handler of that type to end by then. */
function isEarly(recording: Recording, { own, settlement }: Ack): boolean {
  // The instance that came back has handlers that end by themselves.
  const [mail] = connections(recording).filter(({ name }) => name === 'mail')
  if (!own || settlement.connection !== mail?.connection) return false
  const work = begunOf(recording, keyOf(own))
  if (work && work.deed !== 'hold') return false
  return !finishes(recording).some(
    ({ task, event }) => task === keyOf(own) && isBefore(recording, event, settlement.frame),
  )
}

/** The event whose handler rejects was in another queue of the exercise's, in the end. */
function isSetAside({ events }: Events): boolean {
  return events.some(
    (event) =>
      event.kind === 'broker' &&
      event.what === 'drained' &&
      (event.data.tasks as { task: string }[]).some(({ task }) => isDeepStrictEqual(parsed(task), { value: FAILING })),
  )
}

function withoutAcks(recording: Events): boolean {
  return noAckConsume(recording) !== undefined
}

/** An event that was delivered to these instances twice, although nobody had given it back. */
function twiceDelivered(recording: Events, channels: string[]): [Delivery, Delivery] | undefined {
  const fresh = channels.flatMap((channel) => deliveriesTo(recording, channel)).filter((each) => !each.redelivered)
  for (const first of fresh) {
    const again = fresh.find((each) => each !== first && keyOf(each) === keyOf(first))
    if (again) return [first, again]
  }
  return undefined
}

function sameQueue(recording: Events, ...channels: string[]): boolean {
  const queues = channels.flatMap((channel) => queueOf(recording, channel) ?? [])
  return queues.length > 1 && new Set(queues).size < queues.length
}

function declaresOf(recording: Events): FrameEvent[] {
  return frames(recording, 'exchange.declare').filter(({ fields }) => fields.exchange === SHOP)
}

/** The frame with which a channel was closed before its time. */
function closing(recording: Events): FrameEvent | undefined {
  return [...frames(recording, 'channel.close'), ...frames(recording, 'connection.close')].find(
    ({ fields }) => fields.replyCode !== 200,
  )
}

function isBefore({ events }: Events, first: RecordedEvent, second: RecordedEvent): boolean {
  return positionOf(events, first) < positionOf(events, second)
}

/** What told() gives is a copy of the event. */
function positionOf(events: RecordedEvent[], event: RecordedEvent): number {
  return events.findIndex((each) => each === event || (each.kind === event.kind && isDeepStrictEqual(each, event)))
}

function inOrder({ events }: Events, some: (RecordedEvent | undefined)[]): RecordedEvent[] {
  const there = some.filter((event) => event !== undefined)
  return there.sort((one, other) => positionOf(events, one) - positionOf(events, other))
}

/** The first call of the exercise that rejected. */
function refusal(recording: Recording, ...names: string[]) {
  return told(recording, 'settled').flatMap((event) => {
    const call = recording.events.find(
      (each) =>
        each.kind === 'asked' &&
        each.student === event.student &&
        names.includes(each.name) &&
        (each.data as { id: number }).id === event.data.id,
    )
    if (call?.kind !== 'asked' || event.data.ok !== false) return []
    return [
      {
        name: call.name,
        ok: false,
        value: undefined,
        error: event.data.error as { name: string; message: string },
        event,
      },
    ]
  })[0]
}

/** The scenario did not come that far, and perhaps a call of the exercise says why. */
function notYet(recording: Recording, mark: string): Shortfall | undefined {
  const short = cameTo(recording, mark)
  const refused = short && refusal(recording, 'publish', 'subscribe')
  if (!refused) return short
  const name = refused.name === 'publish' ? 'publishEvent' : 'subscribe'
  const close = closing(recording)
  const sentence = `${name}() rejected: ${said(refused)}`
  const unbound = name === 'subscribe' && String(close?.fields.replyText).includes(`no exchange '${SHOP}'`)
  return {
    seen: close ? `${sentence.replace(/\.?$/, '.')} ${by(close)} closed the channel.` : sentence,
    looksLike: unbound ? 'nothing-to-bind-to' : undefined,
    show: [unbound ? frames(recording, 'queue.bind')[0] : undefined, close, refused.event],
  }
}

// ── Why something is as it is ──────────────────────────────────────────────────────────────────────

/** A handler was called with an event that its service had not asked for. */
function notAsked(
  recording: Recording,
  { service, pattern, extra }: { service: string; pattern: string; extra: Handled },
): Shortfall {
  const binds = framesOf(recording, service, 'queue.bind')
  const bind = binds.find(({ fields }) => fields.routingKey !== pattern)
  const shared = sharedQueue(recording, service)
  const delivery = deliveriesTo(recording, service).find((each) => keyOf(each) === extra.task)
  return {
    seen: `The service '${service}' had asked for '${pattern}', and it was told of '${extra.task}'.${shared ? ` ${shared.sentence}` : ''}`,
    ...(shared
      ? oneQueue(recording, shared, [delivery?.frame, extra.event])
      : {
          looksLike: whyExtra(recording, bind),
          show: [bind ?? binds[0], delivery?.frame, extra.event],
          wrong: bind && { event: bind, instead: `routingKey '${pattern}'` },
        }),
  }
}

function whyExtra(recording: Recording, bind: FrameEvent | undefined): string | undefined {
  const type = declaresOf(recording)[0]?.fields.type
  if (type !== undefined && type !== 'topic') return 'no-topic-exchange'
  return bind && 'ignores-the-pattern'
}

/** A service was not told of an event that it had asked for. */
function notTold(
  recording: Recording,
  { service, pattern, missing }: { service: string; pattern: string; missing: string },
): Shortfall {
  const event = published(recording).find(({ routingKey }) => routingKey === missing)
  const binds = framesOf(recording, service, 'queue.bind')
  const bind = binds.find(({ fields }) => fields.routingKey === pattern)
  const delivery = deliveriesTo(recording, service).find((each) => keyOf(each) === missing)
  const shared = sharedQueue(recording, service)
  const seen = `The service '${service}' had asked for '${pattern}', and it was not told of '${missing}'.`
  if (shared && !delivery) {
    return { seen: `${seen} ${shared.sentence}`, ...oneQueue(recording, shared, [event?.frame]) }
  }
  const close = closing(recording)
  if (delivery) {
    const otherwise = handled(recording, service).find(({ task }) => !EVENTS.includes(task))
    const filters = binds.some(({ fields }) => fields.routingKey !== pattern)
    return {
      seen: otherwise
        ? `'${missing}' was delivered to the service '${service}', but its handler was called with '${otherwise.task}' for the type.`
        : `${seen} The event was delivered, but the handler was not called with it.`,
      looksLike: otherwise ? 'not-the-type' : filters ? 'own-patterns' : undefined,
      show: [binds[0], delivery.frame, otherwise?.event, close],
      ...(otherwise && { wrong: { event: otherwise.event, instead: `'${missing}', the routing key of the event` } }),
    }
  }
  const [other] = binds
  return {
    seen,
    looksLike: binds.length === 0 ? 'not-bound' : bind ? undefined : 'ignores-the-pattern',
    show: [consumeOf(recording, service), other, event?.frame, close],
    wrong:
      bind || close
        ? undefined
        : other
          ? { event: other, instead: `routingKey '${pattern}'` }
          : { event: consumeOf(recording, service), instead: `first queue.bind, with the routingKey '${pattern}'` },
  }
}

/** Another service that consumes from the same queue as this one: both frames, in order. */
function sharedQueue(recording: Recording, service: string): SharedQueue | undefined {
  const own = consumeOf(recording, service)
  const other = Object.keys(SERVICES).find(
    (each) => each !== service && queueOf(recording, each) === own?.fields.queue && own,
  )
  const others = other && consumeOf(recording, other)
  if (!own || !others) return undefined
  const frames: [FrameEvent, FrameEvent] = isBefore(recording, own, others) ? [own, others] : [others, own]
  return { frames, sentence: `It consumes from '${own.fields.queue}', and so does the service '${other}'.` }
}

interface SharedQueue {
  frames: [FrameEvent, FrameEvent]
  sentence: string
}

function oneQueue(
  recording: Recording,
  { frames: [first, second] }: SharedQueue,
  more: (RecordedEvent | undefined)[],
): Pick<Shortfall, 'looksLike' | 'show' | 'wrong'> {
  return {
    looksLike: 'one-queue-for-all',
    show: inOrder(recording, [first, second, ...more]),
    wrong: { event: second, instead: 'a queue of its own for each service' },
  }
}

/** The value that a body stands for, where it is JSON. */
function parsed(body: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}

/** What the body should have been. */
function notItsJson(type: string, event: Published): Shortfall {
  const payload = PAYLOADS[type]
  const read = parsed(event.body)
  const twice = typeof read?.value === 'string' && isDeepStrictEqual(parsed(read.value), { value: payload })
  const around = typeof read?.value === 'object' && holds(read.value, payload)
  const body = event.frame && event.body
  return {
    seen: `The payload was ${JSON.stringify(payload)}, and the body of the message was ${body === '' ? 'empty' : body}.`,
    looksLike: twice
      ? 'twice-json'
      : around
        ? 'more-than-the-payload'
        : body.includes('\uFFFD')
          ? 'wrong-encoding'
          : read
            ? undefined
            : 'not-json',
    show: [event.frame],
    wrong: { event: event.frame, instead: `with the body ${JSON.stringify(payload)}` },
  }
}

function holds(around: unknown, payload: unknown): boolean {
  return Object.values(Object(around)).some((value) => isDeepStrictEqual(value, payload))
}

/** What a handler was called with, beside what was published. */
function handedOver(recording: Recording, one: Begun): Shortfall | undefined {
  const { task, type, kind, json, event } = one as Handled
  if (type !== 'string' || !Object.hasOwn(PAYLOADS, task)) {
    return {
      seen: `The handler was called with ${type === 'string' ? `'${task}'` : `a value of type ${type}`} for the type of the event.`,
      looksLike: 'not-the-type',
      show: [deliveries(recording)[0]?.frame, event],
      wrong: { event, instead: 'the handler is called with the routing key, and then the payload' },
    }
  }
  const payload = PAYLOADS[task]
  if (json !== null && isDeepStrictEqual(parsed(json), { value: payload })) return undefined
  const delivery = deliveryOf(recording, task)
  const raw = kind === 'Buffer' || kind === 'message' || (kind === 'string' && typeof payload !== 'string')
  const text = json === null ? undefined : parsed(json)?.value
  const unread = raw || (typeof text === 'string' && isDeepStrictEqual(parsed(text), { value: payload }))
  const given = json ?? (kind === 'undefined' ? 'nothing' : kind === 'message' ? "amqplib's message" : `a ${kind}`)
  return {
    seen: `'${task}' was published with the payload ${JSON.stringify(payload)}. The handler was called with ${given}.`,
    looksLike: unread
      ? 'not-parsed'
      : payload
        ? isGarbled(text, payload)
          ? 'wrong-encoding'
          : undefined
        : 'falsy-is-nothing',
    show: [delivery?.frame, event],
    wrong: { event, instead: `the handler is called with ${JSON.stringify(payload)}` },
  }
}

/** They differ in what is not ASCII. */
function isGarbled(given: unknown, payload: unknown): boolean {
  const ascii = (value: unknown) => JSON.stringify(value)?.replace(/[^ -~]+/g, '?')
  return ascii(given) === ascii(payload)
}

/** What would be missed by a service that is away for longer than the lab can wait. */
function keepsForAWhileOnly(recording: Recording): Shortfall | undefined {
  const own = queueOf(recording, 'mail')
  for (const declare of framesOf(recording, 'mail', 'queue.declare')) {
    const { queue, arguments: settings = {} } = declare.fields as { queue?: string; arguments?: object }
    const [name, ms] =
      Object.entries(settings).find(([name, ms]) => LIMITS.includes(name) && Number(ms) < LONGEST_AWAY_MS) ?? []
    if (queue !== own || name === undefined) continue
    return {
      seen: `The queue of the service 'mail' was declared with ${name} ${ms}: what a service has missed would be gone after ${Number(ms) / 1000} s ${name === 'x-expires' ? 'without a consumer, and the queue with it' : 'in the queue'}.`,
      looksLike: 'does-not-keep',
      show: [declare],
      wrong: { event: declare, instead: `without ${name}` },
    }
  }
  return undefined
}

/** Arguments of a queue after which what is in it goes by itself (rabbitmq.com/docs/ttl). */
const LIMITS = ['x-expires', 'x-message-ttl']
/** Whoever sets events aside for a day or more has thought about it. */
const LONGEST_AWAY_MS = 24 * 3600_000

/** Why a service that came back did not find an event. */
function whyMissed(recording: Recording, type: string): Pick<Shortfall, 'looksLike' | 'show' | 'wrong'> {
  const event = published(recording).find(({ routingKey }) => routingKey === type)
  const declare = framesOf(recording, 'mail', 'queue.declare')[0]
  const [before, after] = [consumeOf(recording, 'mail'), consumeOf(recording, 'mail again')]
  const gone =
    declare?.fields.exclusive === true ? 'exclusive' : declare?.fields.autoDelete === true ? 'autoDelete' : ''
  if (before && after && before.fields.queue !== after.fields.queue) {
    return {
      looksLike: 'another-queue',
      show: inOrder(recording, [before, event?.frame, after]),
      wrong: { event: after, instead: `queue '${before.fields.queue}', as before` },
    }
  }
  const [emptied] = [
    ...framesOf(recording, 'mail again', 'queue.delete'),
    ...framesOf(recording, 'mail again', 'queue.purge'),
  ]
  if (emptied) {
    return {
      looksLike: 'empties-its-queue',
      show: inOrder(recording, [event?.frame, emptied, after]),
      wrong: { event: emptied, instead: 'nothing: what is in the queue is what the service has missed' },
    }
  }
  return {
    looksLike: gone ? 'queue-goes-too' : undefined,
    show: inOrder(recording, [declare, event?.frame, after, waited(recording)]),
    wrong: gone ? { event: declare, instead: `without ${gone}: the queue stays when its service goes` } : undefined,
  }
}

/** Why nobody knows of an event after a restart. */
function whyForgotten(recording: Recording, type: string): Pick<Shortfall, 'looksLike' | 'show' | 'wrong'> {
  const event = published(recording).find(({ routingKey }) => routingKey === type)
  const queue = framesOf(recording, 'mail', 'queue.declare')[0]
  const exchange = framesOf(recording, 'mail', 'exchange.declare')[0] ?? declaresOf(recording)[0]
  const restarted = recording.events.find((each) => each.kind === 'broker' && each.what === 'restarted')
  const show = (culprit: FrameEvent | undefined) =>
    inOrder(recording, [culprit, event?.frame, restarted, waited(recording)])
  if (queue && queue.fields.durable !== true) {
    const wrong = { event: queue, instead: 'durable: true, so that the queue outlives the broker' }
    return { looksLike: 'transient-queue', show: show(queue), wrong }
  }
  if (exchange && exchange.fields.durable !== true) {
    const wrong = { event: exchange, instead: 'durable: true, so that the exchange and its bindings stay' }
    return { looksLike: 'transient-exchange', show: show(exchange), wrong }
  }
  const deleted = queue?.fields.exclusive === true || queue?.fields.autoDelete === true
  if (deleted)
    return { looksLike: 'queue-goes-too', show: show(queue), wrong: { event: queue, instead: 'a queue that stays' } }
  if (event && !event.persistent) {
    const wrong = { event: event.frame, instead: 'with deliveryMode 2: persistent' }
    return { looksLike: 'transient-event', show: show(undefined), wrong }
  }
  return { show: show(undefined) }
}

/** The process ended when a handler rejected. */
function crashedBy(recording: Recording): Shortfall | undefined {
  const [crash] = findings(recording)
  const failed = begunOf(recording, FAILS)?.event
  if (!crash || !failed) return undefined
  return {
    seen: `The handler of '${FAILS}' rejected, and the process ended. ${crash.sentence}`,
    looksLike: `${crash.sentence} ${crash.detail ?? ''}`.includes(FAILURE) ? 'failure-not-caught' : undefined,
    show: [failed, crash],
  }
}

export default check('12-events', [
  step(
    'An event reaches all who asked for it',
    expectation('publishes to a topic exchange, with the type as the routing key', asked, (recording) => {
      const [declare] = declaresOf(recording)
      const [event] = published(recording)
      if (event && event.exchange !== SHOP) {
        return {
          seen: `'${EVENTS[0]}' should go to the exchange '${SHOP}'. It went to ${event.exchange === '' ? `the default exchange, and so into the queue '${event.routingKey}'` : `the exchange '${event.exchange}'`}.`,
          looksLike: event.exchange === '' ? 'straight-into-a-queue' : undefined,
          show: [event.frame],
          wrong: { event: event.frame, instead: `exchange '${SHOP}', routingKey '${EVENTS[0]}'` },
        }
      }
      if (declare && declare.fields.passive !== true && declare.fields.type !== 'topic') {
        return {
          seen: `The exchange '${SHOP}' was declared with the type '${declare.fields.type}'.`,
          looksLike: 'no-topic-exchange',
          show: [declare],
          wrong: { event: declare, instead: "type 'topic'" },
        }
      }
      const all = published(recording)
      const at = all.findIndex(({ routingKey }, i) => routingKey !== EVENTS[i])
      const wrong = all[at]
      if (wrong) {
        return {
          seen: `An event of the type '${EVENTS[at]}' was published with the routing key '${wrong.routingKey}'.`,
          looksLike: 'no-routing-key',
          show: [wrong.frame],
          wrong: { event: wrong.frame, instead: `routingKey '${EVENTS[at]}'` },
        }
      }
      if (all.length === EVENTS.length && declare) return undefined
      return (
        notYet(recording, 'all were told') ?? {
          seen: declare
            ? `Of ${EVENTS.length} events, ${all.length} were published.`
            : `Your service never declared the exchange '${SHOP}'.`,
        }
      )
    }),

    expectation('gives each service the events that it asked for, and no others', asked, (recording) => {
      for (const [service, { pattern, wants }] of Object.entries(SERVICES)) {
        const given = handled(recording, service)
        const extra = given.find(({ task }) => EVENTS.includes(task) && !wants.includes(task))
        if (extra) return notAsked(recording, { service, pattern, extra })
      }
      for (const [service, { pattern, wants }] of Object.entries(SERVICES)) {
        const given = handled(recording, service)
        const missing = wants.find((type) => !given.some(({ task }) => task === type))
        if (missing && marked(recording, 'all were told')) return notTold(recording, { service, pattern, missing })
      }
      return notYet(recording, 'all were told')
    }),

    expectation('carries the payload as JSON, and hands it over as it was', payloads, (recording) => {
      const types = Object.keys(PAYLOADS)
      for (const [i, event] of published(recording).entries()) {
        const type = types[i] ?? ''
        if (event.completeMs !== undefined && !isDeepStrictEqual(parsed(event.body), { value: PAYLOADS[type] })) {
          return notItsJson(type, event)
        }
      }
      for (const one of begun(recording)) {
        const shortfall = handedOver(recording, one)
        if (shortfall) return shortfall
      }
      const [crash] = findings(recording)
      const unhandled = types.find((type) => !begun(recording).some(({ task }) => task === type))
      const delivery = deliveries(recording).find((each) => keyOf(each) === unhandled)
      if (!crash && unhandled && delivery) {
        return {
          seen: `'${unhandled}' was delivered with the payload ${JSON.stringify(PAYLOADS[unhandled])}, and its handler was never called.`,
          looksLike: PAYLOADS[unhandled] ? undefined : 'falsy-is-nothing',
          show: [delivery.frame, closing(recording), waited(recording)],
        }
      }
      return notYet(recording, 'all were handled')
    }),
  ),
  step(
    'Nobody needs to listen',
    expectation('takes no notice of whether anybody asked for the event', nobody, (recording) => {
      const answer = settled(recording, 'publish')
      if (answer && !answer.ok) {
        const declared = declaresOf(recording).some(({ fields }) => fields.passive !== true)
        const close = closing(recording)
        const returned = frames(recording, 'basic.return')[0]
        const event = published(recording)[0]
        return {
          seen: `No queue was bound to the exchange '${SHOP}'. publishEvent() rejected: ${said(answer)}`,
          looksLike: returned || event?.mandatory ? 'wants-a-listener' : close && !declared ? 'no-exchange' : undefined,
          show: [...declaresOf(recording), event?.frame, returned, close, answer.event],
          wrong: returned
            ? { event: event?.frame, instead: 'without mandatory: nobody needs to listen' }
            : close && { event: event?.frame, instead: `first exchange.declare for '${SHOP}'` },
        }
      }
      return notYet(recording, 'published')
    }),

    expectation('resolves when the broker has confirmed the event, not before', nobody, (recording) => {
      const answer = settled(recording, 'publish')
      const mark = markOf(recording, 'the confirm is on its way')
      const [event] = published(recording)
      if (answer?.ok && mark && isBefore(recording, answer.event, mark)) {
        return {
          seen: "The broker's ack had not yet reached your service, and publishEvent() had resolved.",
          looksLike: 'does-not-wait',
          show: inOrder(recording, [event?.frame, answer.event, frames(recording, 'basic.ack')[0]]),
          wrong: { event: answer.event, instead: "the call is pending until the broker's ack has come" },
        }
      }
      if (answer && !answer.ok)
        return { seen: `publishEvent() rejected: ${said(answer)}`, show: [event?.frame, answer.event] }
      return notYet(recording, 'published')
    }),
  ),
  step(
    'A service may have several instances',
    expectation('gives each event to one instance of a service', instances, (recording) => {
      const [first, again] = twiceDelivered(recording, INSTANCES) ?? []
      if (first && again) {
        const queues = new Set(INSTANCES.map((name) => queueOf(recording, name)))
        const consumes = INSTANCES.flatMap((name) => consumeOf(recording, name) ?? [])
        return {
          seen: `Three instances of the service 'mail' were there. '${keyOf(first)}' came to ${first.connection === again.connection ? 'one of them twice' : 'two of them'}.`,
          looksLike: queues.size > 1 ? 'queue-of-the-instance' : undefined,
          show: [...consumes, first.frame, again.frame],
          wrong:
            queues.size > 1
              ? {
                  event: consumes.find((each) => each.fields.queue !== consumes[0]?.fields.queue),
                  instead: `queue '${consumes[0]?.fields.queue}', as the first instance`,
                }
              : undefined,
        }
      }
      const refused = refusal(recording, 'subscribe')
      if (refused) {
        const close = closing(recording)
        const alone =
          frames(recording, 'queue.declare').find(({ fields }) => fields.exclusive === true) ??
          frames(recording, 'basic.consume').find(({ fields }) => fields.exclusive === true)
        return {
          seen: `A second instance of the service 'mail' came, and subscribe() rejected: ${said(refused)}`,
          looksLike: alone && 'wants-the-queue-alone',
          show: [alone, close, refused.event],
          wrong: alone && { event: alone, instead: 'without exclusive: the queue is there for every instance' },
        }
      }
      for (const service of ['mail', 'invoices']) {
        const missing = SHARED.find((type) => !handled(recording, service).some(({ task }) => task === type))
        if (missing && marked(recording, 'both were told')) {
          const event = published(recording).find(({ routingKey }) => routingKey === missing)
          return {
            seen: `'${missing}' was published, and no instance of the service '${service}' was told of it.`,
            looksLike: sameQueue(recording, 'mail 1', 'invoices') ? 'one-queue-for-all' : undefined,
            show: [event?.frame, waited(recording)],
          }
        }
      }
      return notYet(recording, 'both were told')
    }),
  ),
  step(
    'A service may be away',
    expectation('acknowledges an event when its handler is done, not before', away, (recording) => {
      const early = acks(recording).find((ack) => isEarly(recording, ack))
      const type = early?.own && keyOf(early.own)
      if (early && type) {
        return {
          seen: `Your service acknowledged '${type}' while its handler still worked on it.`,
          looksLike: 'acks-early',
          show: inOrder(recording, [early.own?.frame, begunOf(recording, type)?.event, early.settlement.frame]),
          wrong: { event: early.settlement.frame, instead: 'an ack after the end of the handler' },
        }
      }
      if (withoutAcks(recording)) {
        return {
          seen: 'No event is ever acknowledged, because the broker was told not to expect it.',
          looksLike: 'no-ack',
          show: [noAckConsume(recording), deliveries(recording)[0]?.frame],
          wrong: withNoAck(recording),
        }
      }
      if (marked(recording, 'the first was handled') && !ackOf(recording, DONE)) {
        return {
          seen: `The handler of '${DONE}' had resolved, but ${MOMENTS_MS / 1000} s later no ack had come for it.`,
          looksLike: settlements(recording).length === 0 ? 'never-acks' : undefined,
          show: [deliveryOf(recording, DONE)?.frame, finishes(recording)[0]?.event, waited(recording)],
          wrong: { event: waited(recording), instead: 'basic.ack with the tag of the event' },
        }
      }
      return notYet(recording, 'in the middle')
    }),

    expectation('finds, when it comes back, what it missed', away, (recording) => {
      const missed = MISSED.find((type) => !isHandledBy(recording, 'mail again', type))
      if (missed && marked(recording, 'came back')) {
        return {
          seen: `The lab killed your service, and published '${missed}' while it was away. It came back, and was never told of it.`,
          ...whyMissed(recording, missed),
        }
      }
      if (
        marked(recording, 'came back') &&
        !isHandledBy(recording, 'mail again', IN_HAND) &&
        !ackOf(recording, IN_HAND)
      ) {
        return {
          seen: `The lab killed your service while it worked on '${IN_HAND}'. It came back, and '${IN_HAND}' did not come again.`,
          looksLike: withoutAcks(recording) ? 'no-ack' : undefined,
          show: [noAckConsume(recording), deliveryOf(recording, IN_HAND)?.frame, waited(recording)],
        }
      }
      return notYet(recording, 'came back') ?? keepsForAWhileOnly(recording)
    }),

    expectation('goes on with other events when a handler rejects', rejects, (recording) => {
      const crash = crashedBy(recording)
      if (crash) return crash
      if (marked(recording, 'went on') && !begunOf(recording, OTHER)) {
        return {
          seen: `The handler of '${FAILS}' rejected. After that, '${OTHER}' ${deliveryOf(recording, OTHER) ? 'was delivered, but its handler was never called' : 'was not even delivered'}.`,
          show: [
            begunOf(recording, FAILS)?.event,
            deliveryOf(recording, OTHER)?.frame,
            closing(recording),
            waited(recording),
          ],
        }
      }
      return notYet(recording, 'went on')
    }),

    expectation('does not lose an event whose handler rejects', rejects, (recording) => {
      const delivery = deliveryOf(recording, FAILS)
      const failed = begunOf(recording, FAILS)?.event
      const done = begun(recording).filter(({ task, deed }) => task === FAILS && deed === 'resolve').length
      const [ack] = acks(recording).filter(({ own }) => own && keyOf(own) === FAILS)
      if (marked(recording, 'came again') && done === 0 && !isSetAside(recording)) {
        const dropped = settlements(recording).find(({ requeue, tags }) => requeue === false && tags.length > 0)
        const answer = ack?.settlement.frame ?? dropped?.frame
        return {
          seen: `The handler of '${FAILS}' rejected, and the event never came again, and was in no queue: it is lost.`,
          looksLike: withoutAcks(recording) ? 'no-ack' : ack ? 'acks-failed' : dropped && 'drops-failed',
          show: [noAckConsume(recording), delivery?.frame, failed, answer, waited(recording)],
          wrong: withoutAcks(recording)
            ? withNoAck(recording)
            : answer && {
                event: answer,
                instead: ack ? 'no ack: the event has to come again' : 'requeue: true, so that the event comes again',
              },
        }
      }
      return crashedBy(recording) ?? notYet(recording, 'came again')
    }),
  ),
  step(
    'The broker may restart',
    // RabbitMQ 4.3 keeps a transient exchange through a restart, and 3.10 does not: only the frame tells on every broker.
    expectation('declares the exchange as durable', restart, (recording) => {
      const declares = declaresOf(recording).filter(({ fields }) => fields.passive !== true)
      const transient = declares.find(({ fields }) => fields.durable !== true)
      if (transient) {
        return {
          seen: `Your service declared the exchange '${SHOP}' as one that need not outlive the broker.`,
          looksLike: 'transient-exchange',
          show: [transient],
          wrong: { event: transient, instead: 'durable: true, so that the exchange and its bindings stay' },
        }
      }
      if (declares.length > 0) return undefined
      return notYet(recording, 'published again') ?? { seen: `Your service never declared the exchange '${SHOP}'.` }
    }),

    expectation('finds, after a restart of the broker, what it missed', restart, (recording) => {
      const missed = [BEFORE, BEHIND].filter((type) => !isHandledBy(recording, 'mail again', type))
      const [type] = missed
      if (!type || !marked(recording, 'came back')) return notYet(recording, 'came back')
      const when = type === BEFORE ? 'before the broker restarted' : 'after the broker had restarted'
      return {
        seen: `'${type}' was published ${when}, while the service 'mail' was away. It came back, and was never told of it.`,
        ...whyForgotten(recording, type),
      }
    }),
  ),
])
