import { Admission } from './admission.ts'

/** How many are worked on at the same time at least, and at most, where the machine has room for more. */
export interface SideBySide {
  least: number
  most: number
  /** More than the least only while hardly anything else wants this machine. */
  isQuiet?: boolean
}

/** One for all that this process works on. */
const ADMISSION = new Admission()
const QUIET_EACH_CORE = 1
const QUIET_ADMISSION = new Admission(undefined, QUIET_EACH_CORE)

/**
 * Takes what is to be done from the queues, and from the later ones when the earlier are empty. Whoever empties them ends it
 * with what is being done.
 */
export async function sideBySide<T>(
  { least, most, isQuiet = false }: SideBySide,
  queues: T[][],
  work: (next: T) => Promise<void>,
): Promise<void> {
  const isLeft = () => queues.some((queue) => queue.length > 0)
  const admission = isQuiet ? QUIET_ADMISSION : ADMISSION
  const one = async (nth: number) => {
    while (nth < least || (await admission.enter(isLeft))) {
      // Since there was room, another one may have taken the last.
      const next = queues.find((queue) => queue.length > 0)?.shift()
      if (next === undefined) return
      await work(next)
    }
  }
  await Promise.all(Array.from({ length: most }, (_, nth) => one(nth)))
}
