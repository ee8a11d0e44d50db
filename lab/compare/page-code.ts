import { element, escaped } from '../text/html.ts'
import { visible } from '../text/visible.ts'
import { type CodeRow, isSame, type Line } from './code.ts'
import { fold } from './fold.ts'
import { highlightedLines, type Token } from './highlighted.ts'

/** Both files as a table: a number, a mark and the line, for each. */
export function codeTable(rows: CodeRow[], left: string, right: string): string {
  if (rows.every(isSame)) return element('p', 'The two files are the same.')
  const tokens = { left: highlightedLines(left), right: highlightedLines(right) }
  const cells = (line: Line | undefined, whose: 'left' | 'right') => {
    if (!line) return '<td></td><td></td><td class="none"></td>'
    const mark = { same: '', words: '~', whole: { left: '-', right: '+' }[whose] }[line.change]
    const code = inked(line, tokens[whose][line.number - 1] ?? [])
    const kind = line.change === 'same' ? 'same' : `${whose} ${line.change}`
    return `<td class="number">${line.number}</td><td class="mark ${kind}">${mark}</td><td class="code ${kind}">${code}</td>`
  }
  const body = fold(rows, isSame).map((each) =>
    'folded' in each
      ? `<tr class="folded"><td colspan="6">… ${each.folded} identical lines</td></tr>`
      : `<tr>${cells(each.row.left, 'left')}${cells(each.row.right, 'right')}</tr>`,
  )
  const head = '<tr><th colspan="3">Yours</th><th colspan="3">The solution</th></tr>'
  return `<table class="compared code-table"><thead>${head}</thead><tbody>\n${body.join('\n')}\n</tbody></table>`
}

/** The line's tokens, cut where words begin or cease to differ. */
function inked(line: Line, tokens: Token[]): string {
  const letters = lettersOf(tokens)
  let at = 0
  return line.pieces
    .map(({ text, changed }) => {
      const own = letters.slice(at, at + text.length)
      at += text.length
      const html = runs(text, own).map(({ text, kind }) =>
        kind === '' ? escaped(text) : element('span', escaped(text), kind),
      )
      return changed && line.change === 'words' ? element('mark', html.join('')) : html.join('')
    })
    .join('')
}

/** The kind of every character of the line as it is shown. */
function lettersOf(tokens: Token[]): string[] {
  return tokens.flatMap(({ text, kind }) => new Array<string>(visible(text).length).fill(kind))
}

function runs(text: string, kinds: string[]): Token[] {
  const found: Token[] = []
  for (let at = 0; at < text.length; at++) {
    const kind = kinds[at] ?? ''
    const last = found.at(-1)
    if (last?.kind === kind) last.text += text[at]
    else found.push({ text: text[at] ?? '', kind })
  }
  return found
}
