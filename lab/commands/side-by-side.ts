import { Admission } from './admission.ts'

/** How many are worked on at the same time at least, and at most, where the machine has room for more. */
export interface SideBySide {
  least: number
  most: number
}

/** One for all that this process works on. */
const ADMISSION = new Admission()

/**
 * Takes what is to be done from the queues, and from the later ones when the earlier are empty. Whoever empties them ends it
 * with what is being done.
 */
export async function sideBySide<T>(
  { least, most }: SideBySide,
  queues: T[][],
  work: (next: T) => Promise<void>,
): Promise<void> {
  const isLeft = () => queues.some((queue) => queue.length > 0)
  const one = async (nth: number) => {
    while (nth < least || (await ADMISSION.enter(isLeft))) {
      // Since there was room, another one may have taken the last.
      const next = queues.find((queue) => queue.length > 0)?.shift()
      if (next === undefined) return
      await work(next)
    }
  }
  await Promise.all(Array.from({ length: most }, (_, nth) => one(nth)))
}
