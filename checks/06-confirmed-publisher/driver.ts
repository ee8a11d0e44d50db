import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type ConfirmChannel, connect } from 'amqplib'
import { drive, errorSeen } from '../../lab/student/drive.ts'

/** What the lab can ask of lesson 06's exercise. */

interface Publisher {
  publish(queue: string, task: string): Promise<void>
}

interface Exercise {
  createPublisher(channel: ConfirmChannel): Publisher
}

export interface Many {
  queue: string
  calls: number
  /** The size of the task, in kB. */
  kb?: number
  /** Each so-manieth call is for this queue instead, which does not exist. */
  missing?: { queue: string; each: number }
}

/** What became of many calls that were made at once. */
export interface Fates {
  resolved: number
  rejected: number
  pending: number
  /** The message of the first that rejected. */
  error?: string
  /** Calls with the wrong fate: those for a missing queue must reject, all others resolve. */
  wrong: number
}

export interface Memory {
  bytes: number
  /** How many tasks amqplib has been given that are not confirmed. */
  handedOver: number
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
let fates: Fates = { resolved: 0, rejected: 0, pending: 0, wrong: 0 }

export default drive<Exercise>({
  exports: ['createPublisher'],
  calls: {
    /** Makes a publisher on a channel of its own; the lab is the caller here, so it listens for the errors. */
    async open(exercise, { url }: { url: string }, line) {
      const connection = await connect(url, { noDelay: true })
      connection.on('error', () => {})
      const channel = await connection.createConfirmChannel()
      channel.on('error', () => {})
      channel.on('close', () => line.tell('channel-closed'))
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
      const mine: Fates = { resolved: 0, rejected: 0, pending: calls, wrong: 0 }
      fates = mine
      const all = Array.from({ length: calls }, (_, index) => {
        const misses = missing !== undefined && index % missing.each === 0
        return publish(misses ? missing.queue : queue, task).then(
          () => {
            mine.resolved++
            mine.pending--
            if (misses) mine.wrong++
          },
          (error: unknown) => {
            mine.rejected++
            mine.pending--
            mine.error ??= errorSeen(error).message
            if (!misses) mine.wrong++
          },
        )
      })
      void Promise.all(all).then(() => line.tell('all-settled', mine))
    },
    /** What became of these calls so far. */
    fates(_, __, line) {
      line.tell('fates', fates)
      return fates
    },
    /** What the process holds in memory: objects and buffers, without what may be thrown away. */
    memory(_, __, line) {
      collect()
      const { heapUsed, arrayBuffers } = usage()
      const held: Memory = { bytes: heapUsed + arrayBuffers, handedOver: handedOver?.length ?? 0 }
      line.tell('memory', held)
      return held
    },
  },
})

async function publish(queue: string, task: string): Promise<void> {
  await opened().publish(queue, task)
}

function opened(): Publisher {
  if (publisher === undefined) throw new Error('The lab has not made a publisher yet.')
  return publisher
}

/** Node's garbage collector, to be called: what is measured is then what is really held. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
