import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'

/**
 * How many threads run or wait for each core at the moment. Elsewhere than on Linux it is the mean of the last minute
 * (0 on Windows, which keeps none).
 */
export function crowding(): number {
  return wanting() / availableParallelism()
}

/** Whether crowding() tells of this moment. */
export const KNOWS_THE_MOMENT = process.platform === 'linux'

function wanting(): number {
  if (!KNOWS_THE_MOMENT) return loadavg()[0] ?? 0
  try {
    // proc(5), /proc/loadavg: '0.20 0.18 0.12 1/80 11206'; the fourth field is 'runnable/existing'.
    return Number(/ (\d+)\//.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
