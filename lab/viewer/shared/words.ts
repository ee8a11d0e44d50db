import type { Fold } from './film.ts'
import { type TaskThing, type Things, thingsOf } from './things.ts'

/** A part of what there is at a moment, as lines that can be read. */
export interface Section {
  title: string
  lines: Line[]
  /** Said where there are no lines. */
  none: string
}

export interface Line {
  text: string
  /** How it stands: for its colour and its sign, and said in the text too. */
  state?: 'up' | 'down' | 'ready' | 'unacked' | 'broken' | 'busy'
  /** Lines that belong to it. */
  more?: Line[]
  doubt?: string
}

/** Of what has ended, and of tasks in one queue, only so many are told one by one. */
const MOST_ENDED = 3
const MOST_TASKS = 30

/** All that there is at a moment, in words. */
export function sectionsOf(things: Things): Section[] {
  return [
    { title: 'Queues', lines: queues(things), none: 'No queue has been seen yet.' },
    { title: 'Connections and channels', lines: connections(things), none: 'No connection yet.' },
    { title: 'Handlers at work', lines: handlers(things), none: 'None that the lab can see.' },
    { title: 'Processes', lines: processes(things), none: 'None yet.' },
    { title: 'What the lab is breaking now', lines: faults(things), none: 'Nothing.' },
  ]
}

function queues(things: Things): Line[] {
  const tasks = thingsOf(things, 'task')
  const byQueue = Map.groupBy(tasks, ({ queue }) => queue)
  return thingsOf(things, 'queue').map(({ name, facts, counted, doubt }) => {
    const own = byQueue.get(name) ?? []
    const ready = own.filter(({ state }) => state === 'ready').length
    const told = [`${ready} ready`, `${own.length - ready} unacknowledged`, ...facts]
    const count = counted && `counted by the broker at ${time(counted.ms)}: ${counted.messages} ready`
    const more = own.slice(0, MOST_TASKS).map(task)
    if (own.length > MOST_TASKS) more.push({ text: `and ${own.length - MOST_TASKS} more` })
    if (count !== undefined) more.push({ text: count })
    return { text: `${quoted(name)}: ${told.join(', ')}`, more, ...doubtful(doubt) }
  })
}

function task({ text, state, connection, channel, tag, redelivered, doubt }: TaskThing & { doubt?: string }): Line {
  const again = redelivered ? ', redelivered' : ''
  const where =
    state === 'ready' ? 'ready' : `unacknowledged at connection ${connection}, channel ${channel}, tag ${tag}`
  return { text: `${quoted(text)}: ${where}${again}`, state, ...doubtful(doubt) }
}

function connections(things: Things): Line[] {
  const channels = thingsOf(things, 'channel')
  const consumers = thingsOf(things, 'consumer')
  const out = Map.groupBy(
    thingsOf(things, 'task').filter(({ state }) => state === 'unacked'),
    ({ connection, channel }) => `${connection}/${channel}`,
  )
  const all = thingsOf(things, 'connection')
  const ended = all.filter(({ state }) => state === 'ended')
  const hidden = new Set(ended.slice(0, -MOST_ENDED))
  const lines = all.flatMap((thing): Line[] => {
    if (hidden.has(thing)) return []
    const { connection, name, state, how } = thing
    const who = `connection ${connection}${name === undefined ? '' : ` ${quoted(name)}`}`
    if (state === 'ended') return [{ text: `${who}: down, ${how}`, state: 'down' }]
    const more = channels
      .filter((channel) => channel.connection === connection)
      .map((channel): Line => {
        const unacked = out.get(`${connection}/${channel.channel}`)?.length ?? 0
        const own = consumers.filter((one) => one.connection === connection && one.channel === channel.channel)
        const told = [
          ...(channel.prefetch === undefined ? [] : [`prefetch ${limit(channel.prefetch)} for each consumer`]),
          ...(channel.sharedPrefetch === undefined
            ? []
            : [`prefetch ${limit(channel.sharedPrefetch)} for all together`]),
          ...(channel.prefetch === undefined && channel.sharedPrefetch === undefined ? ['no prefetch set'] : []),
          ...(channel.confirms ? ['with confirms'] : []),
          `${unacked} unacknowledged`,
        ]
        const consumes = own.map(({ queue, noAck, prefetch }): Line => {
          const most = prefetch === undefined ? '' : `, at most ${limit(prefetch)} at a time`
          return { text: `consumes ${quoted(queue)}${noAck ? ' without acks' : most}` }
        })
        return { text: `channel ${channel.channel}: ${told.join(', ')}`, more: consumes }
      })
    return [{ text: `${who}: ${state === 'open' ? 'up' : 'opening'}`, state: 'up', more }]
  })
  return hidden.size === 0 ? lines : [{ text: `${hidden.size} earlier connections are down`, state: 'down' }, ...lines]
}

function handlers(things: Things): Line[] {
  return thingsOf(things, 'handler').map(({ worker, task }) => ({ text: `${worker}: ${quoted(task)}`, state: 'busy' }))
}

function processes(things: Things): Line[] {
  const own = thingsOf(things, 'process').map(({ name, state, how }): Line => {
    if (state === 'ended') return { text: `${name}: ended${how ? `, ${how}` : ''}`, state: 'down' }
    return { text: `${name}: ${state}`, state: 'up' }
  })
  const nodes = thingsOf(things, 'node').map(
    ({ name, state }): Line => ({ text: `node ${name}: ${state}`, state: 'down' }),
  )
  return [...own, ...nodes]
}

function faults(things: Things): Line[] {
  return thingsOf(things, 'fault').map(({ name, detail }) => ({
    text: detail === undefined ? name : `${name}: ${detail}`,
    state: 'broken',
  }))
}

/** 'handshake, 9 moments'. */
export function foldText(folds: Fold[], count: number): string {
  const names = { handshake: 'handshake', heartbeat: 'heartbeats', probe: 'the lab checks that the process answers' }
  return `${folds.map((fold) => names[fold]).join(', ')} (${count})`
}

/** '12 ms', '1.204 s'. */
export function time(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(3)} s`
}

function limit(prefetch: number): string {
  return prefetch === 0 ? 'without limit' : String(prefetch)
}

function quoted(text: string): string {
  return `'${text}'`
}

function doubtful(doubt: string | undefined): { doubt?: string } {
  return doubt === undefined ? {} : { doubt }
}
