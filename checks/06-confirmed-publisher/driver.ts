import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ConfirmChannel } from 'amqplib'
import type { Told } from '../../lab/recording/words/told.ts'
import { drive, errorSeen } from '../../lab/student/drive.ts'
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
// Taken now: nothing that the exercise may do to them later changes what is measured.
const usage = memoryUsage
const collect = collector()
// Node cuts small buffers from slabs of 64 KiB. One header of a frame would keep a slab with it, and the numbers would be
// about slabs, not about what is buffered.
Buffer.poolSize = 8 * 1024

let publisher: Publisher | undefined
/** amqplib's own list of what was given to it and is not confirmed. */
let handedOver: unknown[] | undefined
let outcomes: Told['outcomes'] = { resolved: 0, rejected: 0, pending: 0, wrong: 0 }

export default drive<Exercise>({
  exports: ['createPublisher'],
  calls: {
    /** Makes a publisher on a channel of its own. */
    async open(exercise, { url }: { url: string }, line) {
      const channel = await openConfirmChannel(url, 'the channel', line)
      const made: unknown = await exercise.createPublisher(channel)
      if (typeof Object(made).publish !== 'function')
        throw new Error('createPublisher() gave no object with publish().')
      publisher = made as Publisher
      handedOver = (channel as unknown as { unconfirmed?: unknown[] }).unconfirmed
    },
    publish: (_, { queue, task }: { queue: string; task: string }) => publish(queue, task),
    /** Calls publish() so many times in one go, with one task for all of them, and tells when all have settled. */
    publishMany(_, { queue, calls, kb, missing }: Many, line) {
      const task = kb === undefined ? 'print the label' : 'x'.repeat(kb * KB)
      const mine: Told['outcomes'] = { resolved: 0, rejected: 0, pending: calls, wrong: 0 }
      outcomes = mine
      const all = Array.from({ length: calls }, async (_, index) => {
        const misses = missing !== undefined && index % missing.each === 0
        try {
          await publish(misses ? missing.queue : queue, task)
          mine.resolved++
          if (misses) mine.wrong++
        } catch (error) {
          mine.rejected++
          mine.error ??= errorSeen(error).message
          if (!misses) mine.wrong++
        }
        mine.pending--
      })
      void Promise.all(all).then(() => line.tell('all-settled', mine))
    },
    /** What became of these calls so far. */
    outcomes: (_, __, line) => line.tell('outcomes', outcomes),
    /** What the process holds in memory: objects and buffers, without what may be thrown away. */
    memory(_, __, line) {
      collect()
      const { heapUsed, arrayBuffers } = usage()
      const held: Told['memory'] = { bytes: heapUsed + arrayBuffers, handedOver: handedOver?.length ?? 0 }
      line.tell('memory', held)
    },
  },
})

async function publish(queue: string, task: string): Promise<void> {
  if (publisher === undefined) throw new Error('The lab has not made a publisher yet.')
  await publisher.publish(queue, task)
}

/** Node's garbage collector, to be called: what is measured is then what is really held. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
