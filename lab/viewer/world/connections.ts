import type { FrameEvent, RecordedEvent } from '../../recording/recording.ts'
import type { World } from './world.ts'

/** Connections: opening, open, ended, and how. */
export function followConnections(world: World, event: RecordedEvent): void {
  if (event.kind === 'tcp') {
    const { connection, what, by, detail } = event
    if (what === 'accepted') world.add({ kind: 'connection', connection, state: 'opening' })
    const who = { student: 'your service', broker: 'the broker', lab: 'the lab' }[by ?? 'broker']
    if (what === 'ended') end(world, connection, `${who} closed it`)
    if (what === 'reset') end(world, connection, `${who} reset it`)
    if (what === 'upstream-failed')
      end(world, connection, `the broker couldn't be reached${detail ? `: ${detail}` : ''}`)
  }
  if (event.kind === 'frame' && event.channel === 0) followFrame(world, event)
}

function followFrame(world: World, { connection, method, from, fields, held }: FrameEvent): void {
  const [found] = world.find('connection', (thing) => thing.connection === connection)
  if (found === undefined) return
  const { id, thing } = found
  if (method === 'connection.start-ok') {
    const name = (fields.clientProperties as Record<string, unknown> | undefined)?.connection_name
    if (typeof name === 'string') world.change(id, { ...thing, name })
  }
  if (held) return
  if (method === 'connection.open-ok') world.change(id, { ...thing, state: 'open' })
  if (method === 'connection.close') {
    const who = from === 'student' ? 'your service' : 'the broker'
    end(world, connection, `${who} closed it: ${fields.replyCode} ${fields.replyText}`.trimEnd())
  }
}

/** The first sign that it ended says how; what comes after it changes nothing. */
function end(world: World, connection: number, how: string): void {
  for (const { id, thing } of world.find('connection', (one) => one.connection === connection)) {
    if (thing.state !== 'ended') world.change(id, { ...thing, state: 'ended', how })
  }
}

/** The connection that is over with this event: the broker takes back what was unacknowledged on it. */
export function endedBy(event: RecordedEvent): number | undefined {
  if (event.kind === 'tcp' && event.what !== 'accepted') return event.connection
  return event.kind === 'frame' && event.method === 'connection.close' && !event.held ? event.connection : undefined
}
