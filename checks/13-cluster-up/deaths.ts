import { told } from '../../lab/recording/ask.ts'
import type { Events } from '../../lab/recording/once.ts'

/** When workers died, and when others took their place. */

/** So many deaths at the start are looked at, at the most. */
export const MOST_DEATHS = 12
/** Who is so old may have lived long by a clock of its own. */
export const NEARLY_YOUNG_MS = 9800

/** The waits between the end of a worker and the start of the next, on the clock of their parent. */
export function waitsOf(recording: Events) {
  const starts = told(recording, 'child-started')
  return told(recording, 'child-exited').flatMap((died, at) => {
    const [began, next] = starts.slice(at, at + 2)
    if (!began || !next || at >= MOST_DEATHS) return []
    return [{ died, next, ms: next.data.atMs - died.data.atMs, livedMs: died.data.atMs - began.data.atMs }]
  })
}

/** The first two workers, one after the other, that have both died young. */
export function youngPair(recording: Events): ReturnType<typeof waitsOf> | undefined {
  const all = waitsOf(recording)
  const isYoung = (wait?: (typeof all)[number]) => wait !== undefined && wait.livedMs <= NEARLY_YOUNG_MS
  const first = all.findIndex((wait, at) => at % 2 === 0 && isYoung(wait) && isYoung(all[at + 1]))
  return first === -1 ? undefined : all.slice(first, first + 2)
}
