import { type Events, once } from '../../recording/once.ts'
import type { FrameEvent } from '../../recording/recording.ts'
import type { Change } from '../shared/things.ts'
import { Channels } from './channels.ts'
import { followConnections } from './connections.ts'
import { Queues } from './queues.ts'
import { Routing } from './routing.ts'
import { TasksInQueues } from './tasks.ts'
import { Work } from './work.ts'
import { World } from './world.ts'

/** What an event changes, what it is about, and what the wire can't know of it. */
export interface Effect {
  changes: Change[]
  doubts: string[]
  queue: string | undefined
  /** The texts of the tasks. */
  tasks: string[]
}

/**
 * What each event of a recording changes, in order. It says what follows from what the wire, the student's process and the
 * lab's own client saw; where something must have happened out of their sight, it says that.
 */
export const effects = once((recording): Effect[] => {
  const world = new World()
  const asked = askedIn(recording)
  const routing = new Routing()
  const channels = new Channels(world, asked)
  const queues = new Queues(world, asked, routing)
  const tasks = new TasksInQueues(recording, world, { asked, channels, queues, routing })
  const several = recording.events.some((event) => 'student' in event && event.student > 1)
  const work = new Work(world, several)
  return recording.events.map((event) => {
    followConnections(world, event)
    // A delivery needs its consumer, and a closed channel gives back what was out on it.
    tasks.follow(event)
    channels.follow(event)
    queues.follow(event)
    work.follow(event)
    return world.take()
  })
})

/** Pairs each answer with what it answers: on a channel, answers of one kind come in the order of the questions. */
function askedIn({ events }: Events): (frame: FrameEvent, method: string) => FrameEvent | undefined {
  const open = new Map<string, FrameEvent[]>()
  const pairs = new Map<FrameEvent, FrameEvent>()
  for (const event of events) {
    if (event.kind !== 'frame') continue
    const { connection, channel, method } = event
    const place = `${connection}/${channel}/${method.replace(/-(ok|empty)$/, '')}`
    if (event.from === 'student' && event.fields.noWait !== true) {
      const asked = open.get(place)
      if (asked) asked.push(event)
      else open.set(place, [event])
    } else if (/-(ok|empty)$/.test(method)) {
      const question = open.get(place)?.shift()
      if (question) pairs.set(event, question)
    }
  }
  return (frame, method) => {
    const question = pairs.get(frame)
    return question?.method === method ? question : undefined
  }
}
