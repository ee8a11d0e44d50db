import type { Starting } from '../broker/broker.ts'
import type { Output } from '../io.ts'
import { isNews } from '../progress/reported.ts'
import { ROOT } from '../root.ts'

/** Shows on a stream what is going on while a broker starts: one line that changes on a terminal, else a line a phase. */
export function startingLine(stream: Output): { show: (starting: Starting) => void; end: () => void } {
  let shown = ''
  let open = false
  return {
    show({ kind, phase, text, elapsedMs }) {
      // A broker that is warm already is no news.
      if (phase === 'looking' || (phase === 'ready' && !open)) return
      // Why a broker can't be used here is said once, not with every check; the verdict names the one that was used.
      if (phase === 'passed-over' && !isNews(ROOT, kind, text)) return
      const line = `${kind}: ${text}`
      if (phase === 'passed-over') {
        // It explains the choice, so it stays when the next kind is tried.
        stream.write(`${open && stream.isTTY ? '\r\x1b[2K' : ''}${line}\n`)
        open = false
        return
      }
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${line} (${(elapsedMs / 1000).toFixed(1)} s)`)
        open = true
      } else if (line !== shown) {
        stream.write(`${line} (${(elapsedMs / 1000).toFixed(1)} s)\n`)
        open = true
      }
      shown = line
    },
    end() {
      if (open && stream.isTTY) stream.write('\r\x1b[2K')
      open = false
    },
  }
}
