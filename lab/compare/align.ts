import { diffArrays } from 'diff'

/** A stretch of two lists: alike on both sides, or what stands on each side in its place. */
export interface Stretch<T> {
  same: boolean
  left: T[]
  right: T[]
}

/** Lists with more differences than this are taken as different throughout: the search for the best match takes too long. */
const MOST_EDITS = 3_000

/** Lays two lists beside each other so that as much as possible of what has the same key stands in one row. */
export function align<T>(left: T[], right: T[], keyOf: (item: T) => string): Stretch<T>[] {
  const changes = diffArrays(left.map(keyOf), right.map(keyOf), { maxEditLength: MOST_EDITS })
  if (changes === undefined) return [{ same: false, left, right }]
  const stretches: Stretch<T>[] = []
  let atLeft = 0
  let atRight = 0
  for (const { added = false, removed = false, value } of changes) {
    const same = !added && !removed
    let last = stretches.at(-1)
    // What is removed and what is added in one place is one stretch.
    if (!last || same || last.same) {
      last = { same, left: [], right: [] }
      stretches.push(last)
    }
    for (let count = 0; count < value.length; count++) {
      if (!added) last.left.push(left[atLeft++] as T)
      if (!removed) last.right.push(right[atRight++] as T)
    }
  }
  return stretches
}
