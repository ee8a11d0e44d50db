import { drawTrace } from '../report/draw-trace.ts'
import { visibleLines } from '../text/visible.ts'
import type { LessonFeedback, ToldExpectation } from './feedback.ts'
import type { Graded } from './graded.ts'
import { OUTCOME_WORDS, pointsOrWord } from './outcome-words.ts'

const WIDTH = 76
const THEME = { width: WIDTH, colour: false, unicode: true }

/** Somebody's text in Markdown: nothing of it is markup, and nothing of it is HTML. */
export function plain(text: string): string {
  return visibleLines(text)
    .replace(/[\\`*_[\]<>&|~]/g, '\\$&')
    .replace(/^(\s*)([#+=-]|\d+(?=[.)]))/gm, (_, blank: string, sign: string) =>
      /\d/.test(sign) ? `${blank}${sign}\\` : `${blank}\\${sign}`,
    )
    .replace(/\n/g, '  \n')
}

/** Text that keeps its shape; the fence is longer than any within. */
export function fenced(text: string, language = ''): string {
  const shown = visibleLines(text)
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${shown}\n${fence}`
}

/** What students/ID.md holds: the feedback as text, to hand out or to post. */
export function feedbackMarkdown(
  { record, student, points }: Graded,
  feedback: LessonFeedback[],
  notice: string | undefined,
): string {
  const title = student?.name === undefined ? plain(record.id) : `${plain(student.name)} (${plain(record.id)})`
  const blocks = [
    `# ${title}`,
    `**${points.points} of ${points.most} points**${points.open.length > 0 ? `; not judged: ${points.open.join(', ')}` : ''}`,
    ...(notice === undefined ? [] : [`*${plain(notice)}*`]),
    ...(record.notes.length > 0 ? [record.notes.map((note) => `- ${plain(note)}`).join('\n')] : []),
    ...feedback.flatMap(lessonMarkdown),
  ]
  return `${blocks.join('\n\n')}\n`
}

function lessonMarkdown({ lesson, points, summary, notes, steps, reason, output }: LessonFeedback): string[] {
  const number = String(lesson.number).padStart(2, '0')
  return [
    `## ${number} ${plain(lesson.title)}: ${pointsOrWord(points)}`,
    plain(summary),
    ...(notes.length > 0 ? [notes.map((note) => `- ${plain(note)}`).join('\n')] : []),
    ...(reason === undefined ? [] : [fenced(reason)]),
    ...steps.flatMap(({ step, title, state, points: own, most, expectations, hint }) => [
      `### Step ${step}: ${plain(title)} (${{ passed: `${own} of ${most}`, failed: `${own} of ${most}`, undecided: 'not judged' }[state]})`,
      ...(expectations.length > 0 ? [expectationsMarkdown(expectations)] : []),
      ...(hint === undefined ? [] : [`**A hint:** ${hint}`]),
    ]),
    ...(output === undefined || output.length === 0 ? [] : ['Your process printed:', fenced(output.join('\n'))]),
  ]
}

/** Expectations with what was seen, as Markdown. */
export function expectationsMarkdown(expectations: ToldExpectation[]): string {
  return expectations.map(expectationMarkdown).join('\n\n')
}

function expectationMarkdown({
  title,
  verdict,
  message,
  at,
  trace,
  explained,
  read,
  readAt,
  follows,
}: ToldExpectation): string {
  const word = verdict === 'not-reached' ? 'not reached' : OUTCOME_WORDS[verdict]
  return [
    `**${word}**: ${plain(title)}`,
    ...(message === undefined ? [] : [plain(message)]),
    ...(follows === undefined ? [] : [`This may follow from: ${plain(follows)}`]),
    ...(at === undefined ? [] : [fenced(`${at.file}:${at.line}   ${at.text}`)]),
    ...(trace && trace.length > 0 ? [fenced(drawTrace(trace, THEME).join('\n'))] : []),
    ...(explained && explained.length > 0
      ? [explained.map(({ what, means }) => `- ${plain(what)}: ${plain(means)}`).join('\n')]
      : []),
    ...(read === undefined || readAt === undefined ? [] : [`Read again: ${plain(read)} (${plain(readAt)})`]),
  ].join('\n\n')
}
