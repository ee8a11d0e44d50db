import { type Delivery, deliveries } from '../../recording/deliveries.ts'
import type { Events } from '../../recording/once.ts'
import { type Published, published } from '../../recording/published.ts'
import type { FrameEvent, RecordedEvent } from '../../recording/recording.ts'
import { type Settlement, settlements } from '../../recording/settlements.ts'
import type { Asked, Channels } from './channels.ts'
import { endedBy } from './connections.ts'
import type { Queues } from './queues.ts'
import type { Routing } from './routing.ts'
import type { ThingOf, World } from './world.ts'

/** After these the broker has taken back what was unacknowledged on the channel. */
const TAKES_BACK = new Set(['channel.close', 'basic.recover', 'basic.recover-async'])

/** Tasks: ready in a queue, unacknowledged at a channel, or gone. */
export class TasksInQueues {
  readonly #world: World
  readonly #asked: Asked
  readonly #channels: Channels
  readonly #queues: Queues
  readonly #routing: Routing
  readonly #published: Map<FrameEvent, Published>
  readonly #delivered: Map<FrameEvent, Delivery>
  readonly #settled: Map<FrameEvent, Settlement>
  /** Unacknowledged tasks by channel and tag. */
  readonly #out = new Map<string, string>()
  readonly #early: EarlyDeliveries

  constructor(
    recording: Events,
    world: World,
    parts: { asked: Asked; channels: Channels; queues: Queues; routing: Routing },
  ) {
    this.#world = world
    this.#asked = parts.asked
    this.#channels = parts.channels
    this.#queues = parts.queues
    this.#routing = parts.routing
    const byFrame = <Each extends { frame: FrameEvent }>(all: Each[]) => new Map(all.map((each) => [each.frame, each]))
    this.#published = byFrame(published(recording))
    this.#delivered = byFrame(deliveries(recording))
    this.#settled = byFrame(settlements(recording))
    this.#early = new EarlyDeliveries(recording)
  }

  follow(event: RecordedEvent): void {
    const connection = endedBy(event)
    if (connection !== undefined) this.#takeBack((task) => task.connection === connection)
    if (event.kind === 'frame') this.#frame(event)
    if (event.kind === 'broker' && event.what === 'published') {
      const { queue, tasks } = event.data
      for (const text of tasks) if (!this.#early.isKnown(queue, text)) this.#arrives(queue, text)
    }
    if (event.kind === 'broker' && event.what === 'received') {
      const { queue, task } = event.data
      this.#world.about({ queue, task })
      const id = this.#waiting(queue, task)
      if (id !== undefined) this.#world.remove(id)
    }
  }

  #frame(frame: FrameEvent): void {
    const publish = this.#published.get(frame)
    if (publish) this.#publish(publish)
    const delivery = this.#delivered.get(frame)
    if (delivery) this.#deliver(delivery)
    const settlement = this.#settled.get(frame)
    if (settlement) this.#settle(settlement)
    if (frame.held) return
    if (frame.method === 'basic.return') this.#returned(frame)
    if (TAKES_BACK.has(frame.method)) {
      this.#takeBack((task) => task.connection === frame.connection && task.channel === frame.channel)
    }
  }

  #publish({ exchange, routingKey, body, held, completeMs, properties }: Published): void {
    this.#world.about({ task: body })
    if (held || completeMs === undefined) {
      this.#world.doubt("The broker hasn't received this message.")
      return
    }
    const queues = this.#routing.queuesOf(exchange, routingKey)
    if (queues === undefined) {
      this.#world.doubt(`The wire can't tell where the exchange '${exchange}' sends this.`)
      return
    }
    if (queues.length === 0)
      this.#world.doubt(`No binding that the wire saw takes this message from the exchange '${exchange}'.`)
    for (const queue of queues) {
      const isKnown = this.#queues.has(queue)
      const unsure = isKnown ? undefined : `the wire can't tell whether the queue '${queue}' exists`
      this.#arrives(queue, body, unsure ?? this.#expiry(queue, properties))
    }
  }

  #arrives(queue: string, text: string, doubt?: string): void {
    this.#queues.isThere(queue)
    this.#world.about({ task: text })
    this.#world.add({ kind: 'task', queue, text, state: 'ready', ...(doubt === undefined ? {} : { doubt }) })
  }

  #expiry(queue: string, { expiration }: Record<string, unknown>): string | undefined {
    const limit = expiration ?? this.#queues.limitOf(queue)
    if (limit === undefined) return undefined
    return `it expires after ${String(limit)} ms, which the wire doesn't see`
  }

  #deliver({ frame, body, deliveryTag, redelivered, noAck }: Delivery): void {
    const { connection, channel } = frame
    const consumer = this.#channels.consumerOf(frame)
    const got = frame.method === 'basic.get-ok' ? this.#asked(frame, 'basic.get') : undefined
    const queue = consumer?.queue ?? (got ? this.#queues.nameIn(got) : '')
    this.#world.about({ queue, task: body })
    this.#queues.isThere(queue)
    const waiting = this.#waiting(queue, body)
    if (noAck) {
      // Without acks the broker counts it as done when it is sent.
      if (waiting !== undefined) this.#world.remove(waiting)
      else this.#isUnseen(queue, body)
      this.#world.doubt('Its consumer uses noAck, so the broker forgets the task as soon as it has sent it.')
      return
    }
    const task = {
      kind: 'task',
      queue,
      text: body,
      state: 'unacked',
      connection,
      channel,
      tag: `${deliveryTag}`,
    } as const
    const thing: ThingOf<'task'> = redelivered ? { ...task, redelivered } : task
    if (waiting !== undefined) this.#world.change(waiting, thing)
    else this.#isUnseen(queue, body)
    this.#out.set(`${connection}/${channel}/${deliveryTag}`, waiting ?? this.#world.add(thing))
  }

  #isUnseen(queue: string, text: string): void {
    if (!this.#early.take(queue, text)) this.#world.doubt(`The wire didn't see how this got into '${queue}'.`)
  }

  /** The task that waits there with this text, or one elsewhere that may have come from there unseen. */
  #waiting(queue: string, text: string): string | undefined {
    const all = this.#world.find('task', (task) => task.state === 'ready' && task.text === text)
    return (all.find(({ thing }) => thing.queue === queue) ?? all.find(({ thing }) => thing.doubt !== undefined))?.id
  }

  #settle(settlement: Settlement): void {
    const { connection, channel, tags, kind, held, requeue } = settlement
    if (tags.length === 0) this.#world.doubt('This settles nothing: no such delivery is unacknowledged.')
    for (const tag of tags) {
      const key = `${connection}/${channel}/${tag}`
      const id = this.#out.get(key)
      const task = this.#world.get('task', id)
      if (id === undefined || task === undefined) continue
      this.#world.about({ queue: task.queue, task: task.text })
      if (held) {
        this.#world.change(id, {
          ...task,
          doubt: `the lab is holding back its ${kind}, so the broker doesn't know about it`,
        })
        continue
      }
      this.#out.delete(key)
      if (kind === 'ack') this.#world.remove(id)
      else if (requeue === false) this.#giveUp(id, task)
      else this.#world.change(id, back(task))
    }
  }

  /** Rejected for good: dropped, or sent where the queue's declaration says. */
  #giveUp(id: string, { queue, text }: ThingOf<'task'>): void {
    this.#world.remove(id)
    const to = this.#queues.deadLettersOf(queue)
    if (to === 'none') return
    if (to === 'unseen') {
      this.#world.doubt(
        `The wire hasn't seen how '${queue}' was declared, so it can't tell whether this is dropped or dead-lettered.`,
      )
      return
    }
    const queues = this.#routing.queuesOf(to.exchange, to.routingKey ?? queue) ?? []
    if (queues.length === 0)
      this.#world.doubt(`The wire can't tell where '${to.exchange}' sends dead-lettered messages.`)
    for (const name of queues)
      this.#arrives(name, text, "dead-lettered, as its queue's declaration says; the wire doesn't see it")
  }

  #returned({ fields }: FrameEvent): void {
    const queue = String(fields.routingKey)
    const last = this.#world.find('task', (task) => task.queue === queue && task.state === 'ready').at(-1)
    if (last?.thing.doubt === undefined) return
    this.#world.about({ queue, task: last.thing.text })
    this.#world.remove(last.id)
  }

  #takeBack(lost: (task: ThingOf<'task'>) => boolean): void {
    for (const { id, thing } of this.#world.find('task', (task) => task.state === 'unacked' && lost(task))) {
      this.#world.about({ queue: thing.queue, task: thing.text })
      this.#out.delete(`${thing.connection}/${thing.channel}/${thing.tag}`)
      this.#world.change(id, back(thing))
    }
  }
}

function back({ queue, text }: ThingOf<'task'>): ThingOf<'task'> {
  return { kind: 'task', queue, text, state: 'ready', redelivered: true }
}

/** What the lab puts into a queue past the wire is noted when that is done: the broker may have delivered it before. */
class EarlyDeliveries {
  readonly #coming = new Map<string, number>()
  readonly #taken = new Map<string, number>()

  constructor({ events }: Events) {
    for (const event of events) {
      if (event.kind !== 'broker' || event.what !== 'published') continue
      for (const task of event.data.tasks) count(this.#coming, `${event.data.queue}/${task}`, 1)
    }
  }

  /** A task is delivered that nobody has put there so far. @returns whether the lab did so at about that time */
  take(queue: string, task: string): boolean {
    const key = `${queue}/${task}`
    if ((this.#coming.get(key) ?? 0) <= (this.#taken.get(key) ?? 0)) return false
    count(this.#taken, key, 1)
    return true
  }

  /** The lab has put a task there. @returns whether it was delivered before that was noted */
  isKnown(queue: string, task: string): boolean {
    const key = `${queue}/${task}`
    count(this.#coming, key, -1)
    if ((this.#taken.get(key) ?? 0) === 0) return false
    count(this.#taken, key, -1)
    return true
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}
