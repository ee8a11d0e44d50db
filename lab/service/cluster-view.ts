import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { visible } from '../text/visible.ts'
import { pad, widthOf } from '../text/wrap.ts'
import { shorten } from './lay-out.ts'
import type { NodeStanding } from './nodes.ts'
import type { Worker } from './workers.ts'

/** More would push what happens off the screen. */
const MOST_LINES = 8

/**
 * A line for each worker: who it is, what it has done, what it has not acknowledged.
 *
 *   connection 1   12 done   1 unacked   resize a photo..
 *   connection 2    3 done   idle
 *
 *   worker 4   starting   0 done   idle
 */
export function clusterLines(workers: readonly Worker[], theme: Theme): string[] {
  const room = theme.width - 1
  const shown = workers.slice(0, workers.length > MOST_LINES ? MOST_LINES - 1 : MOST_LINES)
  const names = shown.map(({ name, connection }) => shorten(visible(name ?? `connection ${connection}`), 20, theme))
  const nameWidth = Math.max(0, ...names.map(widthOf))
  const doneWidth = Math.max(0, ...shown.map(({ done }) => String(done).length))
  const stateWidth = shown.some(({ state }) => state !== undefined) ? 'starting'.length : 0
  const lines = shown.map(({ unacked, done, task = '', state = '' }, index) => {
    const hand = unacked === 0 ? 'idle' : pad(`${unacked} unacked`, 10)
    const how = stateWidth === 0 ? '' : `   ${pad(state, stateWidth)}`
    const begin = ` ${pad(names[index] ?? '', nameWidth)}${how}   ${String(done).padStart(doneWidth)} done   ${hand}`
    if (unacked === 0) return begin
    return shorten(`${begin}  ${visible(task)}`, room, theme)
  })
  const more = workers.length - shown.length
  return more === 0 ? lines : [...lines, ` ${symbolsOf(theme).ellipsis} and ${more} more`]
}

/** The nodes in a line: ' n1 up, with your service   n2 stopped   n3 up' */
export function nodeLines(nodes: readonly NodeStanding[], theme: Theme): string[] {
  if (nodes.length === 0) return []
  const each = nodes.map(({ name, state, hasService }) => `${name} ${state}${hasService ? ', with your service' : ''}`)
  return [shorten(` ${each.join('   ')}`, theme.width - 1, theme)]
}
