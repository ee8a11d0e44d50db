import type { Look } from '../text/look.ts'
import { renderMarkdown } from '../text/markdown.ts'
import { spell, symbolsOf } from '../text/symbols.ts'
import { indent, pad, wrap } from '../text/wrap.ts'
import { codeText } from './code-text.ts'
import type { Comparison } from './comparison.ts'
import { brushes } from './marked.ts'
import { traceText } from './trace-text.ts'
import { brokerLine, verdictLine, whyNoTraces } from './verdict.ts'

/** Prose in longer lines is hard to read; code and traces take all the room that there is. */
const WIDEST_PROSE = 100

/** A comparison for a terminal: the verdicts, the code, the traces, the notes. */
export function comparisonText(comparison: Comparison, look: Look): string {
  const { heading, yours, solution, code, short, notes, broker } = comparison
  const prose = { ...look, width: Math.min(look.width, WIDEST_PROSE) }
  const { bold } = brushes(look)
  const say = (text: string) => wrap(spell(text, look), prose.width)
  const verdict = (name: string, text: string) => indent(wrap(spell(text, look), prose.width - 14), pad(name, 14))
  const judgedOn = brokerLine(broker)

  const lines = [
    bold(spell(heading, look)),
    '',
    ...verdict('Yours:', verdictLine(yours.report)),
    ...verdict('The solution:', verdictLine(solution.report)),
    ...(judgedOn === undefined ? [] : say(judgedOn)),
    ...section('The code', look),
    ...verdict('Yours:', yours.file),
    ...verdict('The solution:', solution.file),
    '',
    ...codeText(code, look),
    ...section('The traces', look),
  ]
  if (short) {
    const { title, message = '', step } = short.expectation
    lines.push(...say(`Yours first falls short here, in step ${step}:`), ...indent(say(title), '  ', '  '))
    lines.push('', ...message.split('\n').flatMap((line) => (/^\s/.test(line) ? [line] : say(line))))
    lines.push(...traceText(short.scenarios, look))
  } else {
    lines.push(...say(whyNoTraces(yours.report)))
  }
  if (notes !== undefined) {
    lines.push(...section("The solution's notes", look), renderMarkdown(notes, prose).trimEnd())
  }
  return `${lines.join('\n')}\n`
}

function section(title: string, look: Look): string[] {
  const { bold } = brushes(look)
  return ['', bold(title), symbolsOf(look).horizontal.repeat(Math.min(look.width, WIDEST_PROSE)), '']
}
