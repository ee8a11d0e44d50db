import { styleText } from 'node:util'
import { spell, symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { indent, pad, widthOf, wrap } from '../text/wrap.ts'
import { drawTrace } from './draw-trace.ts'
import type { CheckReport, ExpectationReport, LessonReport, TraceRow, Verdict } from './report.ts'
import { unsaid } from './rows.ts'
import { overallLine, summaryOf, usedSentence } from './summary.ts'

const INDENT = 6

type Style = Parameters<typeof styleText>[0]

/** What a student sees of a check. */
export function reportText(
  report: CheckReport,
  theme: Theme,
  options: { titles?: Record<string, string> } = {},
): string {
  const lessons = report.lessons.map((lesson) => lessonText(lesson, report, theme, options.titles?.[lesson.lesson]))
  const isSummed = report.notBegun !== undefined || report.lessons.length > 1
  const sum = isSummed ? [wrap(overallLine(report), theme.width).join('\n')] : []
  return `${[...lessons, ...sum].join('\n\n')}\n`
}

/**
 * One lesson:
 *
 *   the steps that passed, ticked
 *   'Step 2 of 5', and the first expectation that falls short, in detail
 *   the rest in a line each
 */
function lessonText(lesson: LessonReport, report: CheckReport, theme: Theme, title?: string): string {
  const paint = painter(theme)
  const { tick, cross, dash } = symbolsOf(theme)
  const name = title === undefined ? lesson.lesson : `${lesson.lesson.slice(0, 2)} ${title}`
  const lines = [paint('bold', name), '']
  const marks = {
    passed: paint('green', tick),
    failed: paint('red', cross),
    'not-judged': paint('yellow', dash),
    'not-reached': paint('yellow', dash),
    error: paint('red', '!'),
  }

  const short = lesson.expectations.filter((expectation) => expectation.verdict !== 'passed')
  const isToTell = ({ verdict }: ExpectationReport) => verdict === 'failed' || verdict === 'error'
  const first = short.find(isToTell) ?? short.find(({ verdict }) => verdict !== 'not-reached')
  // What kept the file from running is told once: the other expectations add nothing.
  const steps = isNotRunnable(lesson, first) ? [] : (lesson.steps ?? [])
  if (first && steps.length === 0)
    lines.push(`${marks[first.verdict]} Your file could not be run.`, ...detail(first, lesson, theme))
  for (const { step, title: stepTitle } of steps) {
    const own = lesson.expectations.filter((expectation) => expectation.step === step)
    const done = own.every((expectation) => expectation.verdict === 'passed')
    if (done) {
      lines.push(`${marks.passed} Step ${step} of ${steps.length}: ${stepTitle}`)
      continue
    }
    const isFirst = first?.step === step
    const fell = own.filter((expectation) => expectation.verdict !== 'passed')
    const worst = fell.find(isToTell) ?? fell.find(({ verdict }) => verdict !== 'not-reached') ?? fell[0]
    const mark = marks[worst?.verdict ?? 'failed']
    lines.push(
      isFirst
        ? paint('bold', `${mark} Step ${step} of ${steps.length}: ${stepTitle}`)
        : `${mark} Step ${step} of ${steps.length}: ${stepTitle}`,
    )
    for (const expectation of own) {
      const said = `${expectation.title}${besides(expectation)}`
      lines.push(...indent(wrap(said, theme.width - 6), `    ${marks[expectation.verdict]} `))
      if (expectation === first) lines.push(...detail(expectation, lesson, theme))
    }
  }
  if (lesson.reason !== undefined) lines.push(...indent(lesson.reason.split('\n').slice(0, 12), '  '))
  if (lesson.advice && lesson.advice.length > 0) {
    if (lines.at(-1) !== '') lines.push('')
    lines.push(
      'TypeScript says (advice, not part of the verdict):',
      ...lesson.advice.slice(0, 5).map((line) => `  ${line}`),
    )
  }
  // What is told in detail ends with an empty line of its own.
  if (lines.at(-1) !== '') lines.push('')
  lines.push(...wrap(verdictText(lesson, report, paint), theme.width))
  return lines.map((line) => spell(line, theme)).join('\n')
}

function isNotRunnable({ expectations }: LessonReport, first: ExpectationReport | undefined): boolean {
  const others = expectations.filter((each) => each !== first)
  return others.length > 0 && others.every(({ verdict, message }) => verdict === 'not-reached' && message === NOT_RUN)
}

const NOT_RUN = 'not reached: your file could not be run'

/** Why nothing more is told of it here. */
function besides({ verdict, message, follows }: ExpectationReport): string {
  if (verdict === 'not-reached') return ` (${message})`
  return follows === undefined ? '' : ' (may follow from the first)'
}

function detail(expectation: ExpectationReport, lesson: LessonReport, theme: Theme): string[] {
  const paint = painter(theme)
  const lines = ['']
  for (const paragraph of (expectation.message ?? '').split('\n')) {
    // Code and stacks keep their shape; sentences are wrapped.
    const isProse = !/^\s/.test(paragraph)
    lines.push(
      ...(isProse
        ? indent(wrap(paragraph, theme.width - 6, { hard: true }), '      ', '      ')
        : [`      ${paragraph}`]),
    )
  }
  const isVerbose = expectation.everything !== undefined
  if (expectation.trace && expectation.trace.length > 0) lines.push('', ...picture(expectation.trace, theme, isVerbose))
  if (expectation.at) {
    const { file, line, text } = expectation.at
    lines.push('', `      ${file}:${line}   ${text}`)
  }
  for (const { scenario, trace } of expectation.everything ?? []) {
    const title = `Everything that happened in the scenario '${scenario}':`
    lines.push(
      '',
      ...indent(wrap(title, theme.width - INDENT), '      ', '      '),
      ...picture(trace, theme, isVerbose),
    )
  }
  if (lesson.output && lesson.output.length > 0) {
    lines.push(
      '',
      '      Your process printed:',
      ...lesson.output.slice(-8).map((line) => paint('dim', `        ${line}`)),
    )
  }
  if (expectation.explained && expectation.explained.length > 0) {
    lines.push('', '      What these words mean:')
    for (const { what, means } of expectation.explained) {
      lines.push(...indent(wrap(`${what}: ${means}`, theme.width - 10), '        ', '          '))
    }
  }
  if (expectation.read !== undefined && expectation.readAt !== undefined) {
    const again = `Read again: "${expectation.read}" in ${expectation.readAt}`
    lines.push('', ...indent(wrap(again, theme.width - 6), '      ', '      '))
  }
  lines.push('')
  return lines
}

/** The trace drawn; `whole`: below it what the drawing shortens, each once. */
function picture(trace: TraceRow[], theme: Theme, whole: boolean): string[] {
  const room = theme.width - INDENT
  const drawn = drawTrace(trace, { ...theme, width: room })
  const shortened = new Map<string, string>()
  for (const row of whole ? trace : []) {
    for (const text of unsaid(row)) if (!shortened.has(text)) shortened.set(text, `${row.ms.toFixed(0)} ms`)
  }
  const width = Math.max(0, ...[...shortened.values()].map(widthOf))
  const rest = [...shortened].flatMap(([text, time]) =>
    indent(wrap(text, room - width - 1, { hard: true }), `${pad(time, width)} `),
  )
  const lines = rest.length === 0 ? drawn : [...drawn, '', 'In full:', ...rest]
  return indent(lines, ' '.repeat(INDENT))
}

const STYLES: Record<Verdict, Style> = { passed: 'green', failed: 'red', 'not-judged': 'yellow', error: 'red' }

function verdictText(lesson: LessonReport, report: CheckReport, paint: Paint): string {
  const { word, rest } = summaryOf(lesson, report.broker)
  const used = lesson.verdict === 'error' ? undefined : usedSentence(lesson)
  const hint = lesson.verdict === 'failed' ? 'For a hint: npm run lab' : undefined
  return [`${paint(STYLES[lesson.verdict], word)}${rest}`, used, hint].filter(Boolean).join(' ')
}

type Paint = (style: Style, text: string) => string

/** Colours text, where the look has colour. */
export function painter(theme: Theme): Paint {
  return (style, text) => (theme.colour ? styleText(style, text, { validateStream: false }) : text)
}
