import { notesHtml } from '../../compare/page-notes.ts'
import { element, escaped } from '../../text/html.ts'
import { viewerCode, viewerElement } from '../../viewer/page.ts'
import type { PackedShow } from '../../viewer/shared/film.ts'
import type { LessonFeedback, ToldExpectation, ToldStep } from '../feedback.ts'
import type { Graded } from '../graded.ts'
import { OUTCOME_WORDS, pointsOrWord } from '../outcome-words.ts'
import { attribute, documentOf } from './document.ts'
import { excerpt, listing, traceTable } from './evidence.ts'

/** students/ID.html: what a student is told, as one page that needs nothing else. */
export function studentPage(
  { record, student, points }: Graded,
  feedback: LessonFeedback[],
  notice: string | undefined,
): string {
  const title = student?.name === undefined ? record.id : `${student.name} (${record.id})`
  const open = points.open.length > 0 ? `; not judged: ${escaped(points.open.join(', '))}` : ''
  const links = feedback.map(
    ({ lesson, points }) =>
      `<li><a href="#${attribute(lesson.name)}">${escaped(lesson.name.slice(0, 2))} ${escaped(lesson.title)}</a>: ${escaped(pointsOrWord(points))}</li>`,
  )
  const body = [
    '<main>',
    element('h1', escaped(title)),
    element('p', `<strong>${points.points} of ${points.most} points</strong>${open}`),
    ...(notice === undefined ? [] : [element('p', escaped(notice), 'notice')]),
    list(record.notes),
    `<nav aria-label="Lessons"><ul>${links.join('')}</ul></nav>`,
    ...feedback.map(lessonSection),
    '</main>',
  ]
  const hasViewer = feedback.some(({ seen }) => seen !== undefined)
  return documentOf(title, body.join('\n'), hasViewer ? viewerCode() : {})
}

function lessonSection({ lesson, points, summary, notes, steps, reason, output, code, seen }: LessonFeedback): string {
  const name = `${lesson.name.slice(0, 2)} ${lesson.title}`
  const first = steps.flatMap(({ expectations }) => expectations).find(({ at }) => at?.file === 'exercise.ts')
  return [
    `<section aria-labelledby="${attribute(lesson.name)}">`,
    `<h2 id="${attribute(lesson.name)}">${escaped(name)} <span class="badge ${points.outcome}">${escaped(pointsOrWord(points))}</span></h2>`,
    element('p', escaped(summary)),
    list(notes),
    ...(reason === undefined ? [] : [shaped(reason, `What kept ${name} from being judged`)]),
    ...steps.map((step) => stepSection(step, name, { code, hasTrace: seen === undefined })),
    ...(seen === undefined ? [] : [recorded(seen)]),
    ...(output === undefined || output.length === 0
      ? []
      : [element('h3', 'Your process printed'), shaped(output.join('\n'), `What the process of ${name} printed`)]),
    ...(code === undefined
      ? []
      : [
          `<details><summary>The file that was judged</summary>${listing(code, first?.at?.line, `The file of ${name}`)}</details>`,
        ]),
    '</section>',
  ].join('\n')
}

/** The recordings with the expectations on their axis. What was seen of these is told above. */
function recorded({ scenes, marks }: PackedShow): string {
  const places = marks.map(({ step, title, verdict, decided }) => ({ step, title, verdict, decided }))
  return `<details class="recorded"><summary>What happened, step by step</summary>${viewerElement({ scenes, marks: places })}</details>`
}

/** How much of an expectation is shown beside it. */
interface Beside {
  code: string | undefined
  hasTrace: boolean
}

function stepSection(
  { step, title, state, points, most, expectations, hint }: ToldStep,
  lesson: string,
  beside: Beside,
): string {
  const worth = state === 'undecided' ? 'not judged' : `${points} of ${most}`
  const className = { passed: 'passed', failed: 'failed', undecided: 'not-judged' }[state]
  return [
    `<h3>Step ${step}: ${escaped(title)} <span class="badge ${className}">${worth}</span></h3>`,
    ...expectations.map((expectation) => expectationHtml(expectation, `${lesson}, ${expectation.title}`, beside)),
    ...(hint === undefined ? [] : [`<div class="hint"><p><strong>A hint</strong></p>${notesHtml(hint)}</div>`]),
  ].join('\n')
}

function expectationHtml(
  { title, verdict, message, at, trace, explained, read, readAt, follows }: ToldExpectation,
  label: string,
  { code, hasTrace }: Beside,
): string {
  const word = verdict === 'not-reached' ? 'not reached' : OUTCOME_WORDS[verdict]
  const className = verdict === 'not-reached' ? 'not-judged' : verdict
  return [
    `<h4><span class="badge ${className}">${word}</span> ${escaped(title)}</h4>`,
    ...(message === undefined ? [] : [element('p', escaped(message), 'message')]),
    ...(follows === undefined ? [] : [element('p', `This may follow from: ${escaped(follows)}`, 'quiet')]),
    ...(at === undefined ? [] : [placeHtml(at, label, code)]),
    ...(hasTrace && trace && trace.length > 0 ? [traceTable(trace, `Evidence: ${label}`)] : []),
    ...(explained && explained.length > 0
      ? [
          `<ul>${explained.map(({ what, means }) => `<li><strong>${escaped(what)}</strong>: ${escaped(means)}</li>`).join('')}</ul>`,
        ]
      : []),
    ...(read === undefined || readAt === undefined
      ? []
      : [element('p', `Read again: “${escaped(read)}” in ${escaped(readAt)}`)]),
  ].join('\n')
}

function placeHtml(at: NonNullable<ToldExpectation['at']>, label: string, code: string | undefined): string {
  const where = element('p', `${escaped(at.file)}, line ${at.line}:`)
  const isThere = at.file === 'exercise.ts' && code !== undefined
  return where + (isThere ? excerpt(code, at, `The line: ${label}`) : shaped(at.text, `The line: ${label}`))
}

function shaped(text: string, label: string): string {
  return `<pre role="region" tabindex="0" aria-label="${attribute(label)}">${escaped(text)}</pre>`
}

function list(lines: string[]): string {
  return lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`
}
