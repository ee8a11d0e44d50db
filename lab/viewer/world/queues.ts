import type { BrokerEvent, FrameEvent, RecordedEvent } from '../../recording/recording.ts'
import type { Asked } from './channels.ts'
import type { Routing } from './routing.ts'
import type { ThingOf, World } from './world.ts'

/** Where a queue sends what it gives up, as it was declared. */
export interface DeadLetters {
  exchange: string
  routingKey?: string
}

/** Queues as the wire sees them declared and deleted, and as the broker counts them for the lab. */
export class Queues {
  readonly #world: World
  readonly #asked: Asked
  readonly #routing: Routing
  readonly #ids = new Map<string, string>()
  /** Each queue's arguments; missing where the wire has not seen them. */
  readonly #arguments = new Map<string, Record<string, unknown>>()
  readonly #transient = new Set<string>()
  /** By channel: the queue that '' stands for. */
  readonly #last = new Map<string, string>()

  constructor(world: World, asked: Asked, routing: Routing) {
    this.#world = world
    this.#asked = asked
    this.#routing = routing
  }

  follow(event: RecordedEvent): void {
    if (event.kind === 'frame' && !event.held) this.#frame(event)
    if (event.kind === 'broker') this.#atBroker(event)
  }

  /** The queue of this name is there: something says so. */
  isThere(name: string, facts: string[] = []): string {
    this.#world.about({ queue: name })
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const id = this.#world.add({ kind: 'queue', name, facts })
    this.#ids.set(name, id)
    return id
  }

  has(name: string): boolean {
    return this.#ids.has(name)
  }

  /** The name of the queue that a frame is about. */
  nameIn({ connection, channel, fields }: FrameEvent): string {
    return String(fields.queue || this.#last.get(`${connection}/${channel}`) || '')
  }

  /** 'unseen' where the wire has not seen how the queue was declared. */
  deadLettersOf(name: string): DeadLetters | 'none' | 'unseen' {
    const given = this.#arguments.get(name)
    if (given === undefined) return 'unseen'
    const exchange = given['x-dead-letter-exchange']
    if (typeof exchange !== 'string') return 'none'
    const routingKey = given['x-dead-letter-routing-key']
    return { exchange, ...(typeof routingKey === 'string' ? { routingKey } : {}) }
  }

  /** How long a message may stay, in milliseconds. */
  limitOf(name: string): number | undefined {
    const ttl = this.#arguments.get(name)?.['x-message-ttl']
    return typeof ttl === 'number' ? ttl : undefined
  }

  #frame(frame: FrameEvent): void {
    const { method, fields, connection, channel } = frame
    const noWait = fields.noWait === true
    if (method === 'queue.declare' && noWait) this.#declared(frame, String(fields.queue))
    if (method === 'queue.declare-ok') {
      const asked = this.#asked(frame, 'queue.declare')
      if (asked === undefined) return
      this.#last.set(`${connection}/${channel}`, String(fields.queue))
      this.#declared(asked, String(fields.queue))
      this.#counted(String(fields.queue), Number(fields.messageCount), frame.ms)
    }
    if (method === 'queue.delete' && noWait) this.#deleted(this.nameIn(frame))
    if (method === 'queue.delete-ok') {
      const asked = this.#asked(frame, 'queue.delete')
      if (asked !== undefined) this.#deleted(this.nameIn(asked))
    }
    if (method === 'queue.purge-ok') {
      const asked = this.#asked(frame, 'queue.purge')
      const queue = asked && this.nameIn(asked)
      this.#removeTasks((task) => task.queue === queue && task.state === 'ready')
    }
    if (method === 'queue.bind') this.#routing.bind(frame, this.nameIn(frame))
    if (method === 'queue.unbind') this.#routing.unbind(frame, this.nameIn(frame))
    if (method.startsWith('queue.') && !method.endsWith('-ok')) this.#world.about({ queue: this.nameIn(frame) })
    if (method === 'exchange.declare') this.#routing.declare(frame)
    if (method === 'exchange.delete') this.#routing.forget(String(fields.exchange))
  }

  #declared({ fields }: FrameEvent, name: string): void {
    const facts = Object.entries((fields.arguments ?? {}) as Record<string, unknown>).map(
      ([key, value]) => `${key} ${String(value)}`,
    )
    for (const fact of ['durable', 'exclusive', 'autoDelete']) if (fields[fact] === true) facts.unshift(fact)
    const isPassive = fields.passive === true
    if (!isPassive && !this.#arguments.has(name)) {
      this.#arguments.set(name, (fields.arguments ?? {}) as Record<string, unknown>)
      if (fields.durable !== true) this.#transient.add(name)
    }
    const id = this.isThere(name, isPassive ? [] : facts)
    const thing = this.#world.get('queue', id)
    if (thing && !isPassive && thing.facts.length === 0 && facts.length > 0) this.#world.change(id, { ...thing, facts })
  }

  #atBroker(event: BrokerEvent): void {
    const { data, what, ms } = event as BrokerEvent<'queue' | 'drained' | 'queue-deleted'> | BrokerEvent<'restarted'>
    if (what === 'queue' && data.exists && !data.locked) this.#counted(data.queue, data.messages, ms)
    if (what === 'queue') {
      this.#world.about({ queue: data.queue })
      if (!data.exists) this.#deleted(data.queue)
    }
    if (what === 'queue-deleted') this.#deleted(data.queue)
    if (what === 'drained') {
      this.isThere(data.queue)
      for (const { task } of data.tasks) this.#world.about({ task })
      this.#removeTasks((task) => task.queue === data.queue && task.state === 'ready')
    }
    if (what === 'restarted') {
      for (const name of this.#transient) this.#deleted(name)
      this.#world.doubt(
        "The wire doesn't see what a restart does inside the broker: whatever isn't persistent is lost.",
      )
    }
  }

  #counted(name: string, messages: number, ms: number): void {
    const id = this.isThere(name)
    const thing = this.#world.get('queue', id)
    if (thing) this.#world.change(id, { ...thing, counted: { messages, ms } })
    const ready = this.#world.find('task', (task) => task.queue === name && task.state === 'ready').length
    if (messages === ready) return
    const counts = `The broker counts ${messages} ready in '${name}', but the wire counts ${ready}`
    this.#world.doubt(`${counts}. Something arrived, left or expired where the wire couldn't see it.`)
  }

  #deleted(name: string): void {
    this.#world.about({ queue: name })
    const id = this.#ids.get(name)
    this.#ids.delete(name)
    this.#arguments.delete(name)
    this.#transient.delete(name)
    if (id !== undefined) this.#world.remove(id)
    this.#removeTasks((task) => task.queue === name)
    for (const { id } of this.#world.find('consumer', ({ queue }) => queue === name)) this.#world.remove(id)
  }

  #removeTasks(gone: (task: ThingOf<'task'>) => boolean): void {
    for (const { id } of this.#world.find('task', gone)) this.#world.remove(id)
  }
}
