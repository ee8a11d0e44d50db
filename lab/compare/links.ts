import type { Recording } from '../recording/recording.ts'
import { traceRows } from '../report/trace.ts'
import type { Film, Link } from '../viewer/shared/film.ts'
import { align } from './align.ts'
import { keyOf } from './trace-key.ts'

/** What is looked at of one recording. */
interface Seen {
  recording: Recording
  film: Film
}

/** The moments that two recordings have in common, however long after each other they come. */
export function linksOf(yours: Seen, solution: Seen): Link[] {
  const stretches = align(keysOf(yours), keysOf(solution), ({ key }) => key)
  return stretches.flatMap(({ same, left, right }) => {
    if (!same) return []
    return left.flatMap(({ moment }, i): Link[] => {
      const other = right[i]
      return other === undefined ? [] : [[moment, other.moment]]
    })
  })
}

function keysOf({ recording: { events }, film: { moments } }: Seen): { key: string; moment: number }[] {
  return moments.map(({ place }, moment) => {
    const event = events[place]
    const [row] = event === undefined ? [] : traceRows([event])
    return { key: row === undefined ? '' : keyOf(row), moment }
  })
}
