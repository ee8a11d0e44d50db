import {
  declares,
  type FrameEvent,
  frames,
  isBefore,
  type Recording,
  type Shortfall,
  times,
} from '../../lab/check/evidence.ts'

/** The service empties queues that hold work. */

const NOTHING_GOES = 'nothing that removes tasks from their queue'

/** The service has emptied or deleted a queue, and tasks were in it. */
export function threwAway(recording: Recording): Shortfall | undefined {
  for (const reply of frames(recording, 'queue.purge-ok', 'queue.delete-ok')) {
    const count = Number(reply.fields.messageCount)
    const isHere = ({ connection, channel }: FrameEvent) => connection === reply.connection && channel === reply.channel
    const asked = frames(recording, reply.method.slice(0, -'-ok'.length)).findLast(
      (each) => isHere(each) && isBefore(recording, each, reply),
    )
    if (count === 0 || !asked) continue
    return {
      seen: `Your service sent ${asked.method} for '${asked.fields.queue}', which removed ${times(count, 'task')} that no worker had processed.`,
      looksLike: 'throws-tasks-away',
      show: [asked, reply],
      wrong: { event: asked, instead: NOTHING_GOES },
    }
  }
  return undefined
}

/** A worker that starts empties or deletes a queue of its own: whatever waits there, or was set aside there, is gone. */
export function emptied(recording: Recording): Shortfall | undefined {
  const own = declares(recording).map(({ fields }) => fields.queue)
  const thrown = frames(recording, 'queue.delete', 'queue.purge').find(
    ({ from, fields }) => from === 'student' && fields.ifEmpty !== true && own.includes(fields.queue),
  )
  if (!thrown) return undefined
  return {
    seen: `Your service sent ${thrown.method} for '${thrown.fields.queue}'. If there are tasks in that queue when a worker starts, they are lost.`,
    looksLike: 'throws-tasks-away',
    show: [thrown],
    wrong: { event: thrown, instead: NOTHING_GOES },
  }
}
