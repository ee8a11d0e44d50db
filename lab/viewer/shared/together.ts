import type { Link } from './film.ts'

/**
 * Where the other of two recordings is when one is at `moment`: at what both have in common, or as many moments behind it as
 * the one is, but not past the next that both have.
 *
 * @param side which of the two moves: 0 is the left one
 * @param most the other's last moment
 */
export function partnerOf(links: Link[], side: 0 | 1, moment: number, most: number): number {
  const other = side === 0 ? 1 : 0
  const at = lastUpTo(links, side, moment)
  const link = links[at]
  const next = links[at + 1]
  const [from, to] = link ? [link[side], link[other]] : [-1, -1]
  const limit = next ? next[other] - 1 : most
  return Math.max(0, Math.min(to + (moment - from), limit, most))
}

/** The last link whose moment on this side is not behind `moment`; -1 where there is none. */
function lastUpTo(links: Link[], side: 0 | 1, moment: number): number {
  let [low, high] = [-1, links.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((links[middle]?.[side] ?? 0) <= moment) low = middle
    else high = middle - 1
  }
  return low
}
