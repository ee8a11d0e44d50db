import { scenario } from '../../lab/check/scenario.ts'
import type { Stage } from '../../lab/check/stage.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { frames } from '../../lab/recording/ask.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import { tasks } from '../../lab/recording/tasks.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'
import { hold } from '../../lab/wire/faults/hold.ts'
import type { PublishArgs, SubscribeArgs } from './driver.ts'
import { hasExchange, isElsewhere } from './lab.ts'
import { handled, isHandledBy, isTold, queueOf, twiceDelivered } from './views.ts'
import { PAYLOADS, PUBLISHED } from './what-json-holds.ts'

export const SHOP = 'shop'
/** Another exchange: what is published there is none of the shop's business. */
const OFFICE = 'office'
/** The lab's name for the publisher's channel. */
const PUBLISHER = 'the shop'
const ORDER = { order: 4711 }
const MAIL = { service: 'mail', pattern: 'order.*' }
/** The lab's name for the channel of a service that was away. */
export const AGAIN = 'mail again'
/** One answer of the event loop, or of the broker. */
export const MOMENTS_MS = 4000
/** Time enough for what should not come, or need not come, to come. */
const TURNS = 15

interface Service {
  exchange?: string
  pattern: string
  /** The events below that it asks for with that. The last one comes after all that it might be told of by mistake. */
  wants: string[]
}

const OF_SHOP = [
  'order.paid',
  'Order.Paid',
  'order.line.added',
  'order',
  'picture.small.created',
  'Order.Refund-2.sent_back',
  'order.created',
]
const LAST = 'order.created'
const OF_OFFICE = ['order.placed', 'office.closed']
export const EVENTS = [...OF_SHOP, ...OF_OFFICE]
/** Published by other clients, which set no property, or one that looks like a type; before the last one of the shop's. */
const BARE = 'stock.counted'
const TYPED = 'invoice.printed'
export const OF_OTHERS = [BARE, TYPED]

/** The exchange at which an event is published. */
export function exchangeOf(type: string | undefined): string {
  return OF_OFFICE.some((each) => each === type) ? OFFICE : SHOP
}

export const SERVICES: Record<string, Service> = {
  mail: { pattern: 'order.created', wants: [LAST] },
  invoices: { pattern: 'order.*', wants: ['order.paid', LAST] },
  statistics: { pattern: 'order.*', wants: ['order.paid', LAST] },
  warehouse: { pattern: 'order.#', wants: ['order.paid', 'order.line.added', 'order', LAST] },
  Mail: { pattern: '#.created', wants: ['picture.small.created', LAST] },
  refunds: { pattern: 'Order.#', wants: ['Order.Paid', 'Order.Refund-2.sent_back'] },
  archive: { pattern: '#', wants: [...OF_OTHERS, ...OF_SHOP] },
  porter: { exchange: OFFICE, pattern: '#', wants: OF_OFFICE },
}

export const asked = scenario('services ask for different events', async (stage) => {
  const process = await stage.student()
  for (const [service, { exchange = SHOP, pattern }] of Object.entries(SERVICES)) {
    await subscribe(stage, process, { service, exchange, pattern })
  }
  for (const type of EVENTS) {
    if (type === LAST) await publishAsOthersDo(stage)
    await publish(stage, process, type, { exchange: exchangeOf(type) })
  }
  const complete = () =>
    Object.entries(SERVICES).every(
      ([service, { wants }]) =>
        handled(stage.recorder, service).length >= wants.length && isTold(stage.recorder, service, wants.at(-1) ?? ''),
    )
  await until(stage, process, 'each service to get the events that it asked for', complete).catch(goOn)
  await process.lives()
  stage.mark('all were told')
})

export const payloads = scenario('payloads of every kind', async (stage) => {
  const process = await stage.student()
  await subscribe(stage, process, { service: 'archive', pattern: '#' })
  for (const type of PUBLISHED) await publish(stage, process, type, { payload: PAYLOADS[type] })
  const complete = () => tasks(stage.recorder).attempts.length >= PUBLISHED.length
  await until(stage, process, 'the handler to be called for each event', complete)
  stage.mark('all were handled')
})

export const nobody = scenario('nobody has asked for the event', async (stage) => {
  const process = await stage.student()
  const confirm = await stage.wire.switchOn(hold({ method: 'basic.ack', from: 'broker' }))
  const call = process.call('publish', publishArgs(stage, 'order.created'))
  // Of what was published nobody is told but by its confirm; a call that fails says so before.
  const confirmed = () => hasSettled(stage, call) || frames(stage.recorder, 'basic.ack').length > 0
  await until(stage, process, 'the event to be published', confirmed).catch(goOn)
  await process.lives()
  stage.mark('the confirm is on its way')
  await confirm.off()
  const { ok } = await process.settled(call, 'publishEvent()', { limitMs: MOMENTS_MS })
  stage.mark('published')
  if (!ok) return
  // Who has declared one exchange need not have declared the other.
  await publish(stage, process, 'office.closed', { exchange: OFFICE })
  stage.mark('published elsewhere')
})

export const SHARED = [
  'order.created',
  'order.paid',
  'order.packed',
  'order.shipped',
  'order.delivered',
  'order.closed',
]
export const INSTANCES = ['mail 1', 'mail 2', 'mail 3']

export const instances = scenario(
  'three instances of one service, in two processes',
  async (stage) => {
    const first = await stage.student()
    const second = await stage.student()
    for (const channel of INSTANCES) {
      const process = channel === 'mail 3' ? second : first
      await subscribe(stage, process, { service: 'mail', pattern: 'order.*', channel })
    }
    await subscribe(stage, second, { service: 'invoices', pattern: 'order.*' })
    for (const type of SHARED) await publish(stage, first, type)
    const complete = () =>
      SHARED.every((type) => ['mail', 'invoices'].every((service) => isTold(stage.recorder, service, type)))
    await until(stage, second, 'both services to get each event', complete).catch(goOn)
    await inTurns(second, TURNS, () => twiceDelivered(stage.recorder, INSTANCES) !== undefined)
    stage.mark('both were told')
  },
  { students: 2 },
)

export const DONE = 'order.created'
export const IN_HAND = 'order.paid'
/** Handled while the one before it is still worked on, where several are at once. */
const QUICK = 'order.weighed'
export const MISSED = ['order.packed', 'order.shipped']

export const away = scenario(
  'a service is killed, and comes back',
  async (stage) => {
    const service = await stage.student()
    const shop = await stage.student()
    await subscribe(stage, service, { ...MAIL, otherwise: 'hold' })
    await publish(stage, shop, DONE)
    await begins(stage, service, DONE)
    await service.roundTrip('mail')
    stage.mark('at work on the first')
    service.finish('resolve', service.unfinished)
    const acked = () => tasks(stage.recorder).ofType(DONE).isAcked || tasks(stage.recorder).isWithoutAcks
    await until(stage, service, `an ack for '${DONE}', whose handler had resolved`, acked).catch(goOn)
    stage.mark('the first was handled')
    await publish(stage, shop, IN_HAND)
    await begins(stage, service, IN_HAND)
    await publish(stage, shop, QUICK)
    if (await inTurns(service, TURNS, () => tasks(stage.recorder).ofType(QUICK).attempts.length > 0)) {
      const quick = service.unfinished.filter(({ task }) => task === QUICK)
      service.finish('resolve', quick)
      await inTurns(service, TURNS, () => tasks(stage.recorder).ofType(QUICK).isAcked)
    }
    await service.roundTrip('mail')
    stage.mark('in the middle')
    await stage.kill(service, queueOf(stage.recorder, 'mail') ?? '')
    for (const type of MISSED) await publish(stage, shop, type)
    stage.mark('away')
    await comeBack(stage, shop, [IN_HAND, ...MISSED])
  },
  { students: 2 },
)

export const FAILS = 'order.created'
export const OTHER = 'order.paid'
/** A limit on how often an event may come again shows by then; below the one that a quorum queue has by itself. */
const FAILURES = 18
export const FAILING = { order: 4712 }
/** The queue of another service, which has nothing to do with the failure. */
export const BYSTANDER = 'the lab listens'

export const rejects = scenario('a handler rejects', async (stage) => {
  const process = await stage.student()
  await subscribe(stage, process, { ...MAIL, plan: { [FAILS]: Array<'reject'>(FAILURES).fill('reject') } })
  if (hasExchange(stage, SHOP)) await stage.observer.declare(BYSTANDER, {}, { exchange: SHOP, pattern: '#' })
  await publish(stage, process, FAILS, { payload: FAILING })
  await begins(stage, process, FAILS)
  await process.lives()
  stage.mark('failed')
  await publish(stage, process, OTHER)
  await begins(stage, process, OTHER, FAILS).catch(goOn)
  stage.mark('went on')
  const resolved = () => tasks(stage.recorder).ofType(FAILS).isDone
  // Where it comes back at once it fails again, as often as is planned.
  const attempts = () => tasks(stage.recorder).ofType(FAILS).attempts.length
  for (let before = 0; before < attempts() && !resolved(); ) {
    before = attempts()
    await inTurns(process, TURNS, resolved)
  }
  if (!resolved()) {
    // Who keeps a failed event unacknowledged, or pauses, gives it back at the latest with the channel.
    await process.ask('leave', { channel: 'mail' })
    await subscribe(stage, process, { ...MAIL, channel: AGAIN })
    const isAside = () => isElsewhere(stage, queueOf(stage.recorder, AGAIN), FAILING)
    if (!(await isAside())) await until(stage, process, `'${FAILS}' to be delivered again`, resolved).catch(goOn)
    if (!resolved()) await isAside()
  }
  if (hasExchange(stage, SHOP)) await stage.observer.drain(BYSTANDER)
  stage.mark('came again')
})

export const BEFORE = 'order.created'
export const BEHIND = 'order.paid'

export const restart = scenario(
  'the broker restarts while a service is away',
  async (stage) => {
    const process = await stage.student()
    await subscribe(stage, process, MAIL)
    await process.ask('leave', { channel: 'mail' })
    await publish(stage, process, BEFORE)
    await stage.restartBroker()
    await publish(stage, process, BEHIND, { channel: 'the shop again' })
    stage.mark('published again')
    await comeBack(stage, process, [BEFORE, BEHIND])
  },
  { restarts: true },
)

/** Where the exercise has made no exchange, there is nowhere to publish. */
async function publishAsOthersDo(stage: Stage): Promise<void> {
  if (!hasExchange(stage, SHOP)) return
  const body = JSON.stringify(ORDER)
  await stage.observer.publishEvent(SHOP, BARE, body)
  await stage.observer.publishEvent(SHOP, TYPED, body, { persistent: true, type: 'InvoicePrinted' })
}

type Subscription = Pick<SubscribeArgs, 'service' | 'pattern'> & Partial<SubscribeArgs>

/** Resolves when the subscription is at the broker. @throws StudentGone when the call rejects */
async function subscribe(stage: Stage, process: Student, subscription: Subscription): Promise<void> {
  const args: SubscribeArgs = { url: stage.url, exchange: SHOP, channel: subscription.service, ...subscription }
  const { ok } = await process.ask('subscribe', args, { limitMs: MOMENTS_MS })
  if (!ok) throw new StudentGone('subscribe() rejected')
  await process.roundTrip(args.channel)
}

/** @throws StudentGone when the call rejects */
async function publish(stage: Stage, process: Student, type: string, options?: Partial<PublishArgs>): Promise<void> {
  const args = publishArgs(stage, type, options)
  const call = process.call('publish', args)
  const { ok } = await process.settled(call, 'publishEvent()', { limitMs: MOMENTS_MS })
  if (!ok) throw new StudentGone('publishEvent() rejected')
  // Whoever does not wait for the confirm is told so elsewhere.
  await process.roundTrip(args.channel)
}

function publishArgs({ url }: Stage, type: string, options?: Partial<PublishArgs>): PublishArgs {
  return { url, channel: PUBLISHER, exchange: SHOP, type, payload: ORDER, ...options }
}

/** The service that was away subscribes anew, and should find these events. */
async function comeBack(stage: Stage, process: Student, types: string[]): Promise<void> {
  await subscribe(stage, process, { ...MAIL, channel: AGAIN })
  const found = () => types.every((type) => isHandledBy(stage.recorder, AGAIN, type))
  await until(stage, process, 'the service to get the events that it missed', found).catch(goOn)
  stage.mark('came back')
}

/** @param besides a type whose handler may be called again meanwhile: that it was says nothing of this one */
function begins(stage: Stage, process: Student, type: string, besides?: string): Promise<void> {
  // Who is told of another type is told so elsewhere: what counts is that one more handler was called.
  const begun = () => tasks(stage.recorder).attempts.filter(({ task }) => task !== besides)
  const before = begun().length
  const isThere = () => begun().length > before || tasks(stage.recorder).ofType(type).attempts.length > 0
  return until(stage, process, `the handler to be called for '${type}'`, isThere)
}

/** Waits for what only a living process can bring. @throws NeverCame, StudentGone */
function until(stage: Stage, service: Student, what: string, isThere: () => boolean): Promise<void> {
  return stage.arrival(what, isThere, { service })
}
