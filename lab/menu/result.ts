import pc from 'picocolors'
import type { Withholds } from '../current/current-lesson.ts'
import { drawTrace } from '../report/draw-trace.ts'
import type { ExpectationReport, Judged, LessonReport } from '../report/report.ts'
import { summaryOf, usedSentence } from '../report/summary.ts'
import { spell, symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { indent, widthOf, wrap } from '../text/wrap.ts'
import { lines } from './screen.ts'

const OUTPUT_LINES = 8
const REASON_LINES = 12
const ADVICE_LINES = 5

/**
 * The last result in short: the verdict, the steps in a line, and the first expectation that failed as a whole.
 *
 *   ✘ Not yet: 2 of 8 expectations failed   18:30:05
 *   ✔ 1  ✘ 2  ✔ 3
 *
 *   Step 2 of 3: …
 */
export function resultLines(judged: Judged, at: Date | undefined, theme: Theme, withholds = NOTHING): string[] {
  const { report } = judged
  const colours = pc.createColors(theme.colour)
  const out = lines(verdict(judged, theme), theme)
  // The last line of the verdict has the time, if there is room.
  const time = at === undefined ? '' : `   ${at.toLocaleTimeString('en-GB')}`
  const end = out.at(-1) ?? ''
  if (widthOf(end + time) <= theme.width) out.splice(-1, 1, end + colours.dim(time))
  const steps = stepsLine(report, theme)
  if (steps !== '') out.push(steps)
  const first = firstShort(report)
  if (first) {
    const step = report.steps?.find((each) => each.step === first.step)
    const { length } = report.steps ?? []
    if (step) out.push('', ...wrap(colours.bold(`Step ${step.step} of ${length}: ${step.title}`), theme.width))
    out.push(...expectationLines(first, theme, withholds(first)))
    const printed = (report.output ?? []).slice(-OUTPUT_LINES)
    if (printed.length > 0)
      out.push('', '  Your process printed:', ...printed.map((line) => colours.dim(`    ${line}`)))
    if (first.read !== undefined && !withholds(first))
      out.push('', ...wrap(`The lesson explains it under '${first.read}' (d).`, theme.width))
  }
  if (report.reason !== undefined) out.push('', ...report.reason.split('\n').slice(0, REASON_LINES))
  const used = usedSentence(report)
  if (used !== undefined) out.push('', ...wrap(used, theme.width))
  const advice = report.advice ?? []
  if (advice.length > 0) {
    const said = advice.slice(0, ADVICE_LINES).flatMap((line) => indent(wrap(line, theme.width - 2), '  '))
    out.push('', 'TypeScript says (advice, not part of the verdict):', ...said)
  }
  return out.map((line) => spell(line, theme))
}

/** An expectation as a whole: its title, what was seen, and the picture of the events that show it. */
export function expectationLines(expectation: ExpectationReport, theme: Theme, isWithheld = false): string[] {
  const marks = marksOf(theme)
  const out = indent(wrap(expectation.title, theme.width - 2), `${marks[expectation.verdict]} `, '  ')
  const message = isWithheld ? (expectation.seen ?? expectation.message) : expectation.message
  for (const paragraph of (message ?? '').split('\n')) {
    // Code and stacks keep their shape; sentences are wrapped.
    out.push(
      ...(/^\s/.test(paragraph) ? [`  ${paragraph}`] : indent(wrap(paragraph, theme.width - 2, { hard: true }), '  ')),
    )
  }
  if (expectation.trace && expectation.trace.length > 0) {
    const picture = drawTrace(expectation.trace, { ...theme, width: theme.width - 2 })
    out.push('', ...picture.map((line) => `  ${line}`.trimEnd()))
  }
  if (expectation.at) {
    const { file, line, text } = expectation.at
    out.push('', ...indent(wrap(`${file}:${line}   ${text}`, theme.width - 2), '  ', '  '))
  }
  if (isWithheld) out.push('', '  Do you see why? i says what it looks like.')
  return out
}

const NOTHING: Withholds = () => false

export function shortfalls(report: LessonReport): ExpectationReport[] {
  return report.expectations.filter((expectation) => expectation.verdict !== 'passed')
}

/** A failure says more than what was not judged, and the earlier step comes first. */
function firstShort(report: LessonReport): ExpectationReport | undefined {
  const short = shortfalls(report)
  return short.find((expectation) => expectation.verdict === 'failed') ?? short[0]
}

/** The step that the student is at: the first that failed; after a pass the last. */
export function stepAt(report: LessonReport): { step: number; of: number } | undefined {
  const of = report.steps?.length ?? 0
  return of === 0 ? undefined : { step: firstShort(report)?.step ?? of, of }
}

function verdict({ report, broker }: Judged, theme: Theme): string {
  const { bold, green, red, yellow } = pc.createColors(theme.colour)
  const paint = { passed: green, failed: red, 'not-judged': yellow, error: red }[report.verdict]
  const { word, rest } = summaryOf(report, broker)
  return `${marksOf(theme)[report.verdict]} ${bold(paint(word))}${rest}`
}

function stepsLine(report: LessonReport, theme: Theme): string {
  const marks = marksOf(theme)
  return (report.steps ?? [])
    .map(({ step }) => {
      const own = report.expectations.filter((expectation) => expectation.step === step)
      const short = own.find(({ verdict }) => verdict === 'failed') ?? own.find(({ verdict }) => verdict !== 'passed')
      return `${marks[short?.verdict ?? 'passed']} ${step}`
    })
    .join('   ')
    .replace(/^(?=.)/, 'Steps:  ')
}

function marksOf(theme: Theme) {
  const { green, red, yellow } = pc.createColors(theme.colour)
  const { tick, cross, dash } = symbolsOf(theme)
  return {
    passed: green(tick),
    failed: red(cross),
    'not-judged': yellow(dash),
    'not-reached': yellow(dash),
    error: red('!'),
  }
}
