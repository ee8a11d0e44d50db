import { progressText } from '../report/progress.ts'

/** A check that is over sooner needs no word on how far it is. */
const WORTH_TELLING_MS = 2000
const REDRAW_MS = 500
/** Where lines stay, they are few: the first after so long, and each further one after twice as long as the one before. */
const FIRST_LINE_MS = 10_000

export interface Waiting {
  /** From now on there is something to wait for. */
  begin(): void
  /** @param words how far it is, after so many milliseconds */
  update(words: (ms: number) => string): void
  end(): void
}

/** Shows on a stream how far a check is: one line that changes on a terminal, else a line now and then. */
export function waitingLine(
  stream: Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean; columns?: number },
  now: () => number = () => performance.now(),
): Waiting {
  const nothingYet = (ms: number) => progressText('Checking', ms, undefined)
  let words = nothingYet
  let timer: NodeJS.Timeout | undefined
  let begunAt = 0
  let nextMs = FIRST_LINE_MS
  let open = false

  function tell(): void {
    const ms = now() - begunAt
    if (stream.isTTY) {
      if (ms < WORTH_TELLING_MS) return
      stream.write(`\r\x1b[2K${words(ms).slice(0, (stream.columns ?? 80) - 1)}`)
      open = true
    } else if (ms >= nextMs) {
      stream.write(`${words(ms)}\n`)
      nextMs *= 2
    }
  }

  return {
    begin() {
      begunAt = now()
      nextMs = FIRST_LINE_MS
      words = nothingYet
      timer ??= setInterval(tell, REDRAW_MS)
      timer.unref()
    },
    update(newer) {
      words = newer
    },
    end() {
      clearInterval(timer)
      timer = undefined
      if (open) stream.write('\r\x1b[2K')
      open = false
    },
  }
}
