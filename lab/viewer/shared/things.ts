/*
 * What there is at a moment of a recording, as plain data: a thing for each process, connection, channel, queue, task, … by
 * its ID. A recording becomes a list of changes; a page applies them, forward and backward.
 */

/** What can be drawn of a moment. `doubt` says what the wire can't know about it. */
export type Thing = (
  | ProcessThing
  | ConnectionThing
  | ChannelThing
  | ConsumerThing
  | QueueThing
  | TaskThing
  | HandlerThing
  | FaultThing
  | NodeThing
) & { doubt?: string }

export interface ProcessThing {
  kind: 'process'
  name: string
  state: 'starting' | 'running' | 'ended'
  /** How it ended. */
  how?: string
}

export interface ConnectionThing {
  kind: 'connection'
  connection: number
  name?: string
  state: 'opening' | 'open' | 'ended'
  how?: string
}

export interface ChannelThing {
  kind: 'channel'
  connection: number
  channel: number
  /** For each consumer that comes after it; 0 is none. */
  prefetch?: number
  /** For all consumers of the channel together. */
  sharedPrefetch?: number
  confirms?: true
}

export interface ConsumerThing {
  kind: 'consumer'
  connection: number
  channel: number
  queue: string
  noAck: boolean
  prefetch?: number
}

export interface QueueThing {
  kind: 'queue'
  name: string
  /** 'durable', 'exclusive', 'x-queue-type quorum', … as it was declared on the wire. */
  facts: string[]
  /** What the broker counted when it was last asked. */
  counted?: { messages: number; ms: number }
}

export interface TaskThing {
  kind: 'task'
  queue: string
  text: string
  state: 'ready' | 'unacked'
  /** Unacknowledged: at which channel, and its tag there. */
  connection?: number
  channel?: number
  tag?: string
  redelivered?: true
}

export interface HandlerThing {
  kind: 'handler'
  worker: string
  task: string
}

export interface FaultThing {
  kind: 'fault'
  name: string
  detail?: string
}

export interface NodeThing {
  kind: 'node'
  name: string
  state: string
}

/** A thing comes, changes or, with null, goes. */
export type Change = [id: string, thing: Thing | null]

export type Things = ReadonlyMap<string, Thing>

/** All of one kind, in the order in which they came, whichever way the moment was reached. */
export function thingsOf<Kind extends Thing['kind']>(
  things: Things,
  kind: Kind,
): (Extract<Thing, { kind: Kind }> & { doubt?: string })[] {
  const found: { count: number; thing: Thing }[] = []
  let isInOrder = true
  for (const [id, thing] of things) {
    if (thing.kind !== kind) continue
    const count = countOf(id)
    isInOrder &&= count > (found.at(-1)?.count ?? 0)
    found.push({ count, thing })
  }
  // On the way back, what was taken away is put behind the others.
  if (!isInOrder) found.sort((one, other) => one.count - other.count)
  return found.map(({ thing }) => thing as Extract<Thing, { kind: Kind }>)
}

/** IDs end with a number that counts: 'task 12'. */
function countOf(id: string): number {
  return Number(id.slice(id.lastIndexOf(' ') + 1))
}
