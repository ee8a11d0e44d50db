import { canvas } from '../text/canvas.ts'
import { drawSequence } from '../text/draw-sequence.ts'
import type { Row } from '../text/sequence.ts'
import { spell, symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { widthOf, wrap } from '../text/wrap.ts'
import type { TraceRow } from './report.ts'
import { sequenceOf } from './sequence.ts'

type Note = Extract<Row, { kind: 'note' }>

/**
 * A trace as lines: a picture, or a list where everything happened in the student's process, and no frame and nothing of
 * the broker's shows what went wrong.
 *
 *   your service
 *   1404 ms    its signal is aborted
 *   1404 ms ✘  the call rejects (error too slow)
 *              expected: the call rejects with signal.reason itself
 */
export function drawTrace(trace: TraceRow[], theme: Theme): string[] {
  const sequence = sequenceOf(trace)
  const { participants, rows } = sequence
  const [service, , ...others] = participants
  const notes = rows.filter((row): row is Note => row.kind === 'note' && row.over[0] === service?.id)
  if (service === undefined || others.length > 0 || notes.length < rows.length) return drawSequence(sequence, theme)
  const begin = Math.max(...notes.map(({ time = '' }) => widthOf(time))) + 1
  const lines = notes.flatMap((note) => listed(note, begin, theme))
  return [canvas(theme.colour).put(0, service.name, 'bold'), ...lines].map((line) => line.text())
}

function listed({ text, time = '', mark }: Note, begin: number, theme: Theme) {
  const isWrong = mark === 'wrong'
  const style = isWrong ? 'wrong' : time === '' ? 'note' : undefined
  const room = Math.max(10, theme.width - begin - 3)
  return wrap(spell(text, theme), room, { hard: true }).map((line, i) => {
    const drawn = canvas(theme.colour).put(begin + 3, line, style)
    if (i > 0) return drawn
    drawn.put(begin - 1 - widthOf(time), time, 'dim')
    return isWrong ? drawn.put(begin, symbolsOf(theme).cross, 'wrong') : drawn
  })
}
