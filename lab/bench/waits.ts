import type { Recording } from '../recording/recording.ts'

/** Nothing that a process computes takes so long between two events. */
const PAUSE_MS = 18

/**
 * The waits that a lesson needs: the pauses of the scenario that has most of them, from the first thing that the lab asks
 * of the exercise on. They are timers: waits between attempts, work that takes its time, moments in which nothing may
 * come. However fast the lab were, its verdict could not come before they are over.
 *
 * @returns milliseconds
 */
export function waitsOf(recordings: Recording[]): number {
  const waited = recordings.map(({ events }) => {
    const times = events
      .slice(
        Math.max(
          0,
          events.findIndex(({ kind }) => kind === 'asked'),
        ),
      )
      .map(({ ms }) => ms)
    const pauses = times.map((ms, i) => ms - (times[i - 1] ?? ms)).filter((ms) => ms >= PAUSE_MS)
    return pauses.reduce((sum, ms) => sum + ms, 0)
  })
  return Math.max(0, ...waited)
}
