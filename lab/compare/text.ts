import { renderMarkdown } from '../text/markdown.ts'
import { spell, symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { indent, pad, wrap } from '../text/wrap.ts'
import { codeText } from './code-text.ts'
import type { Comparison } from './comparison.ts'
import { brushes } from './marked.ts'
import { traceText } from './trace-text.ts'
import { brokerLine, verdictLine, whyNoTraces } from './verdict.ts'

/** Prose in longer lines is hard to read; code and traces take all the room that there is. */
const WIDEST_PROSE = 100

/** A comparison for a terminal: the verdicts, the code, the traces, the notes. */
export function comparisonText(comparison: Comparison, theme: Theme): string {
  const { heading, yours, solution, code, short, notes, broker } = comparison
  const prose = { ...theme, width: Math.min(theme.width, WIDEST_PROSE) }
  const { bold } = brushes(theme)
  const say = (text: string) => wrap(spell(text, theme), prose.width)
  const verdict = (name: string, text: string) => indent(wrap(spell(text, theme), prose.width - 14), pad(name, 14))
  const judgedOn = brokerLine(broker)

  const lines = [
    bold(spell(heading, theme)),
    '',
    ...verdict('Yours:', verdictLine(yours.report)),
    ...verdict('The solution:', verdictLine(solution.report)),
    ...(judgedOn === undefined ? [] : say(judgedOn)),
    ...section('The code', theme),
    ...verdict('Yours:', yours.file),
    ...verdict('The solution:', solution.file),
    '',
    ...codeText(code, theme),
    ...section('The traces', theme),
  ]
  if (short) {
    const { title, message = '', step } = short.expectation
    lines.push(...say(`Yours first fails here, in step ${step}:`), ...indent(say(title), '  ', '  '))
    lines.push('', ...message.split('\n').flatMap((line) => (/^\s/.test(line) ? [line] : say(line))))
    lines.push(...traceText(short.scenarios, theme))
  } else {
    lines.push(...say(whyNoTraces(yours.report)))
  }
  if (notes !== undefined) {
    lines.push(...section("The solution's notes", theme), renderMarkdown(notes, prose).trimEnd())
  }
  return `${lines.join('\n')}\n`
}

function section(title: string, theme: Theme): string[] {
  const { bold } = brushes(theme)
  return ['', bold(title), symbolsOf(theme).horizontal.repeat(Math.min(theme.width, WIDEST_PROSE)), '']
}
