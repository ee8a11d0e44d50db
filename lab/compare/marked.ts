import pc from 'picocolors'
import type { Theme } from '../text/theme.ts'
import { widthOf } from '../text/wrap.ts'
import type { Line } from './code.ts'

/** Which file a line is of. */
export type Whose = 'left' | 'right'

type Style = 'plain' | 'left' | 'right' | 'left-word' | 'right-word'

interface Styled {
  text: string
  style: Style
}

const BRACKETS = { left: ['[-', '-]'], right: ['{+', '+}'] } as const

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/**
 * A line of code in lines of `width`, its changed words marked: by colour, or else in brackets. It keeps its spaces, and
 * is broken between words where they are not too long for that.
 */
export function markedLines(line: Line, whose: Whose, width: number, theme: Theme): string[] {
  const lines: Styled[][] = [[]]
  let used = 0
  const breakLine = () => {
    lines.push([])
    used = 0
  }
  for (const { text, style } of styled(line, whose, theme)) {
    for (const [word] of text.matchAll(/\s+|\S+/g)) {
      const wide = widthOf(word)
      if (used + wide > width && wide <= width / 2 && word.trim() !== '') breakLine()
      for (const { segment } of graphemes.segment(word)) {
        const one = widthOf(segment)
        if (used + one > width && used > 0) breakLine()
        used += one
        const current = lines.at(-1) ?? []
        const last = current.at(-1)
        if (last?.style === style) last.text += segment
        else current.push({ text: segment, style })
      }
    }
  }
  const brush = brushes(theme)
  return lines.map((parts) => parts.map(({ text, style }) => brush[style](text)).join(''))
}

function styled({ change, pieces }: Line, whose: Whose, theme: Theme): Styled[] {
  if (change !== 'words') {
    const style = change === 'whole' ? whose : 'plain'
    return pieces.map(({ text }) => ({ text, style }))
  }
  const [open, close] = BRACKETS[whose]
  return pieces.map(({ text, changed }) => {
    if (!changed) return { text, style: 'plain' }
    return { text: theme.colour ? text : `${open}${text}${close}`, style: `${whose}-word` }
  })
}

/** Red and green say whose it is; underlined is what differs within a line. */
export function brushes(theme: Theme): Record<Style | 'dim' | 'bold', (text: string) => string> {
  const { red, green, underline, dim, bold } = pc.createColors(theme.colour)
  return {
    plain: (text) => text,
    left: red,
    right: green,
    'left-word': (text) => red(underline(text)),
    'right-word': (text) => green(underline(text)),
    dim,
    bold,
  }
}
