import type { ConfirmChannel } from 'amqplib'
import type { Told } from '../../lab/recording/words/told.ts'
import { AT_ONCE, replaceClocks } from '../../lab/student/clocks.ts'
import { drive, errorSeen, type Line } from '../../lab/student/drive.ts'
import { openConfirmChannel } from '../../lab/student/handlers.ts'

/** What the lab can ask of lesson 06's exercise. */

interface Publisher {
  publish(queue: string, task: string): Promise<void>
}

interface Exercise {
  createPublisher(channel: ConfirmChannel): Publisher
}

interface Many {
  queue: string
  calls: number
  /** The size of the task, in kB. */
  kb?: number
  /** Every nth call is for this queue instead, which does not exist. */
  missing?: { queue: string; each: number }
}

const KB = 1_000
const clocks = replaceClocks(AT_ONCE)

let publisher: Publisher | undefined
let channel: ConfirmChannel | undefined
const outcomes: Told['outcomes'] = { resolved: 0, rejected: 0, pending: 0, wrong: 0 }

export default drive<Exercise>({
  exports: ['createPublisher'],
  calls: {
    /** Makes a publisher on a channel of its own. The calls of publish() after that are for this one. */
    async open(exercise, { url, channel: name = 'the channel' }: { url: string; channel?: string }, line) {
      channel = await openConfirmChannel(url, name, line)
      const made: unknown = await exercise.createPublisher(channel)
      if (typeof Object(made).publish !== 'function')
        throw new Error("createPublisher() didn't return an object with a publish() method.")
      publisher = made as Publisher
    },
    publish: (_, { queue, task }: { queue: string; task: string }, line) => publish(queue, task, line),
    /** Calls publish() so many times in one go, with one task for all of them, and tells when all have settled. */
    publishMany(_, { queue, calls, kb, missing }: Many, line) {
      const task = kb === undefined ? 'print the label' : 'x'.repeat(kb * KB)
      const mine = outcomes
      mine.pending += calls
      const all = Array.from({ length: calls }, async (_, index) => {
        const misses = missing !== undefined && index % missing.each === 0
        try {
          await publish(misses ? missing.queue : queue, task, line)
          mine.resolved++
          if (misses) mine.wrong++
        } catch (error) {
          mine.rejected++
          mine.error ??= errorSeen(error).message
          if (!misses) mine.wrong++
        }
        mine.pending--
      })
      void Promise.all(all).then(() => mine.pending === 0 && line.tell('all-settled', mine))
    },
    /** From now on its clocks run fast. */
    hurry: () => clocks.hurry(),
    /** What became of these calls so far. */
    outcomes: (_, __, line) => line.tell('outcomes', outcomes),
    /** What amqplib has been given and has no answer to, by its own list: null stands for an answer, false for no callback. */
    given(_, { kb }: { kb?: number }, line) {
      const { unconfirmed = [] } = channel as unknown as { unconfirmed?: unknown[] }
      const open = unconfirmed.filter((callback) => callback !== null)
      const withoutCallback = open.filter((callback) => callback === false).length
      const given: Told['given'] = { tasks: open.length, withoutCallback }
      line.tell('given', kb === undefined ? given : { ...given, bytes: open.length * kb * KB })
    },
  },
})

/** Calls the exercise. It has to return a promise, whatever goes wrong: a throw is told. */
async function publish(queue: string, task: string, line: Line): Promise<void> {
  if (publisher === undefined) throw new Error('The lab has not made a publisher yet.')
  let published: Promise<void>
  try {
    published = publisher.publish(queue, task)
  } catch (error) {
    line.tell('threw', { name: 'publish()', error: errorSeen(error) })
    throw error
  }
  await published
}
