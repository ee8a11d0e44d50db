/** A row that is shown, or how many alike are not. */
export type Folded<T> = { row: T } | { folded: number }

/** Rows that stay before and after what differs. */
const CONTEXT = 3
/** Fewer than this are shown: the line that says 'left out' is no shorter. */
const LEAST = 3

/** Leaves out long stretches of rows that are alike, except next to what differs. */
export function fold<T>(rows: T[], isSame: (row: T) => boolean, context = CONTEXT): Folded<T>[] {
  const near = rows.map(() => false)
  rows.forEach((row, index) => {
    if (isSame(row)) return
    const end = Math.min(index + context, rows.length - 1)
    for (let at = Math.max(0, index - context); at <= end; at++) near[at] = true
  })
  const folded: Folded<T>[] = []
  for (let at = 0; at < rows.length; ) {
    let end = at
    while (end < rows.length && !near[end]) end++
    if (end - at >= LEAST) folded.push({ folded: end - at })
    else for (const row of rows.slice(at, end)) folded.push({ row })
    // The row that ended the stretch is near a difference.
    const [next] = rows.slice(end, end + 1)
    if (next !== undefined) folded.push({ row: next })
    at = end + 1
  }
  return folded
}
