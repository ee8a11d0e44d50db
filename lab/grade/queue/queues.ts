import { createHash } from 'node:crypto'
import { LabError } from '../../errors.ts'
import type { Link } from './link.ts'

/** What messages look like; another number, other queues. */
const FORMAT = 1
/** Results that nobody fetched for so long are of a class that nobody goes on with. */
const RESULTS_EXPIRE_MS = 28 * 24 * 3_600_000

/**
 * The queues of one version of the lab: graders of another version would judge otherwise, and never meet its tasks.
 *
 *   grade ──▶ tasks ──▶ grader ──▶ results of this class ──▶ grade
 *               │ came back: whoever had it is gone
 *               └────▶ alone ──▶ grader, with nothing else in hand
 *                        │ came back again
 *                        └────▶ dead
 */
export interface QueueNames {
  tasks: string
  alone: string
  dead: string
}

/** A few signs that tell versions of the lab apart. */
export function labVersion(hashes: string[]): string {
  const hash = createHash('sha256').update(String(FORMAT))
  for (const each of hashes) hash.update(each)
  return hash.digest('hex').slice(0, 12)
}

export function queueNames(version: string): QueueNames {
  const prefix = `cluster-up.grade.${version}`
  return { tasks: `${prefix}.tasks`, alone: `${prefix}.alone`, dead: `${prefix}.dead` }
}

export function resultsQueue(classId: string): string {
  return `cluster-up.grade.results.${classId}`
}

/** Declares the queues of a version. Should the broker itself give a task up, it is a dead letter, too. */
export async function declareQueues(link: Link, { tasks, alone, dead }: QueueNames): Promise<void> {
  const toDead = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead }
  await declareDurable(link, dead, {})
  await declareDurable(link, tasks, toDead)
  await declareDurable(link, alone, toDead)
}

export async function declareResults(link: Link, queue: string): Promise<void> {
  await declareDurable(link, queue, { 'x-expires': RESULTS_EXPIRE_MS })
}

/** Declares a quorum queue; a durable classic one where the server has none, or has this one as a classic one already. */
async function declareDurable(link: Link, queue: string, args: Record<string, unknown>): Promise<void> {
  const declare = (more: Record<string, unknown>) =>
    link.attempt((channel) => channel.assertQueue(queue, { durable: true, arguments: { ...args, ...more } }))
  if ((await declare({ 'x-queue-type': 'quorum' })) === undefined) return
  const error = await declare({})
  if (error === undefined) return
  link.lost.throwIfAborted()
  throw new LabError('queue-unusable', `The queue ${queue} can't be declared: ${error.message}`, {
    advice: 'The user needs permission to configure, write and read queues whose names begin with cluster-up.grade.',
    cause: error,
  })
}
