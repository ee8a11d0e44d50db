import { readFile } from 'node:fs/promises'
import type { CurrentLesson } from '../current/current-lesson.ts'
import { textOf } from '../lessons/catalogue.ts'
import { exerciseContent } from '../lessons/exercise.ts'
import { hintsOf } from '../lessons/hints.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { quizOf } from '../lessons/quiz.ts'
import { type HintToShow, nextHint, stepToHint } from '../progress/hints.ts'
import { hasPassed, nextLesson, passedOn, stateOf } from '../progress/state.ts'
import type { Progress } from '../progress/store.ts'
import { progressText } from '../report/progress.ts'
import type { Verdict } from '../report/report.ts'
import { summaryOf } from '../report/summary.ts'
import { element, escaped } from '../text/html.ts'
import { homePageOf, pageOf } from './layout.ts'
import { mapSvg, type Place, placeText } from './map.ts'
import { quizSection } from './quiz.ts'
import { textHtml } from './text.ts'

/** All lessons, and where the student is with each. */
export async function listPage(lessons: Lesson[], progress: Progress): Promise<string> {
  const items = await Promise.all(
    lessons.map(async (lesson) => {
      const entry = progress.lessons[lesson.name]
      const [content, starter] = await Promise.all([exerciseContent(lesson), readFile(lesson.starter, 'utf8')])
      const state = stateOf(entry, content, starter)
      const pass = passedOn(entry, content)
      const where =
        pass === undefined ? '' : pass.product === 'RabbitMQ' ? ' on RabbitMQ' : ", but RabbitMQ hasn't judged it yet"
      const name = `<a href="/lessons/${lesson.name}">${shortName(lesson)} ${escaped(lesson.title)}</a>`
      return element('li', `${name} <span class="quiet">${lesson.minutes} min, ${state}${where}</span>`)
    }),
  )
  const notice = progress.notice === undefined ? '' : element('p', escaped(progress.notice), 'message')
  const list = `<ol class="lessons">${items.join('\n')}</ol>`
  return homePageOf('Cluster Up', `<h1>Cluster Up</h1>${notice}${whereHtml(lessons, progress)}${list}`)
}

/** The picture so far, and the lesson to go on with. */
function whereHtml(lessons: Lesson[], progress: Progress): string {
  const passed = new Set(lessons.filter(({ name }) => hasPassed(progress, name)).map(({ number }) => number))
  const next = nextLesson(lessons, progress)
  const place: Place = { passed, here: next?.number }
  const text = placeText(place)
  const goOn = next && ` <a href="/lessons/${next.name}">Go on with ${shortName(next)}</a>`
  return `${mapSvg(place, `The cluster so far. ${text}`)}<p>${escaped(text)}${goOn ?? ''}</p>`
}

/** A lesson's text, and beside it the verdict, which follows each save. */
export async function lessonPage(
  lesson: Lesson,
  { file, canRun }: { file: string; canRun: boolean },
  progress: Progress,
): Promise<string> {
  const [markdown, quiz] = await Promise.all([textOf(lesson), quizOf(lesson)])
  const text = textHtml(markdown)
  const { predicted } = progress.lessons[lesson.name] ?? {}
  const beside = [
    quizSection(lesson, quiz, { predicted, hasPassed: hasPassed(progress, lesson.name) }),
    element('h2', 'Your exercise'),
    element('p', `Write in <code>${escaped(file)}</code> with your own editor. Each save is checked.`),
    '<p id="status" class="verdict" role="status">starting</p>',
    '<div class="row"><button type="button" id="check">Check now</button>',
    `<form method="post" action="/lessons/${lesson.name}/hint"><button>A hint</button></form>`,
    canRun ? `<a href="/lessons/${lesson.name}/run">Run your service</a>` : '',
    `<a href="/lessons/${lesson.name}/compare">Compare with the solution</a>
<a href="/lessons/${lesson.name}/copies">Reset or restore</a></div>`,
    `<p id="cure" class="row" hidden>Do you see what went wrong? <button type="button">What does it look like?</button></p>`,
    `<iframe class="seen" title="What happened" data-lesson="${lesson.name}" hidden></iframe>`,
  ]
  const body = `<div class="lesson"><article class="text"><p class="jump"><a href="#exercise">Down to your exercise</a></p>
${text}</article><section class="beside" id="exercise" aria-label="Your exercise">${beside.join('\n')}</section></div>`
  return pageOf(`${shortName(lesson)} ${lesson.title}`, body, '/live.js')
}

/** The next hint for the step that the last check fell short of. */
export async function hintPage(lesson: Lesson, progress: Progress): Promise<{ page: string; shown: HintToShow }> {
  const entry = progress.lessons[lesson.name]
  const step = stepToHint(entry)
  const hints = await hintsOf(lesson, step)
  const shown = nextHint(entry, step, hints.length)
  const all = hints
    .slice(0, shown.number)
    .map((hint, i) => element('li', textHtml(hint), i === shown.number - 1 ? 'newest' : ''))
  const more =
    shown.number < hints.length && shown.locked === undefined
      ? `<form method="post" action="/lessons/${lesson.name}/hint"><button>Another hint</button></form>`
      : ''
  const body = [
    element('h1', `${shortName(lesson)} ${escaped(lesson.title)}: hints for step ${step}`),
    hints.length === 0
      ? element('p', 'There are no hints for this step. Read the text again.')
      : element('ol', all.join('')),
    shown.locked === undefined ? '' : element('p', escaped(shown.locked)),
    `<div class="row">${more}<a href="/lessons/${lesson.name}">Back to the lesson</a></div>`,
  ]
  return { page: pageOf(`Hints, ${lesson.title}`, body.join('\n')), shown }
}

/** What a page is told of the current lesson: plain text, and which result there is. */
export interface Status {
  text: string
  result: number
  /** What the text is about: the last result, unless another is under way. */
  verdict: Verdict | undefined
  /** What a failure looks like is not told yet. */
  withholds: boolean
}

export function statusOf(current: CurrentLesson, broker: string): Status {
  const { running, judged, problem, isGone, results, isUnconfirmed } = current
  const verdict = isGone || running !== undefined || problem !== undefined ? undefined : judged?.report.verdict
  return { text: textFor(), result: results, verdict, withholds: current.isWithholding }

  function textFor(): string {
    if (isGone) return 'Your exercise is missing. Save it again, or reset it.'
    if (running !== undefined) return progressText('Checking', performance.now() - running.since, running.progress)
    if (problem !== undefined) return problem
    if (judged === undefined) return `Nothing has been checked yet. Checks run on: ${broker}`
    const { word, rest } = summaryOf(judged.report, judged.broker)
    const later = isUnconfirmed ? ' RabbitMQ, which decides, judges it as soon as it is ready.' : ''
    return `${word}${rest}${later}`
  }
}
