import pc from 'picocolors'
import { shown } from '../lessons/files.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { symbolsOf } from '../text/symbols.ts'
import { widthOf, wrap } from '../text/wrap.ts'
import type { Context, LessonScreen, Next } from './context.ts'
import { actionOf, keyLine } from './keys.ts'
import type { Standing } from './overview.ts'
import { stateText } from './overview.ts'
import { type PassFacts, passFacts, passLines } from './pass.ts'
import { resultLines } from './result.ts'
import { type Key, lines, type View } from './screen.ts'
import { footOf } from './status.ts'

/**
 * The current lesson: the last result stays on the screen while the exercise is watched, and keys do the rest. Whatever
 * comes out of a check the student stays here: nothing goes on by itself.
 */
export const lesson: LessonScreen = async (context, next) => {
  let { notice } = next
  const results = () => (context.current?.lesson.name === next.lesson.name ? context.current.results : 0)
  /** An answer to a key stands until there is another result: then it may no longer be true. */
  let answered = next.isBrief ? results() : undefined
  const stands = () => answered === undefined || answered === results()
  const press = async (pressed: Key): Promise<Next | undefined> => {
    const current = await taking
    // A result is on the screen a moment before what it opens is known here.
    if (pressed === 'n') await context.refresh().catch(() => {})
    const { standing, following } = placeOf(context, next.lesson)
    if (standing === undefined) return { go: 'list' }
    const what = actionOf(pressed, context, standing, following)
    notice = what.notice
    answered = current.results
    if (what.check) current.check(what.check)
    if (what.tells) current.tellCure()
    return what.next
  }
  // What the screen shows first needs nothing but the catalogue: the file and the check come after it.
  const taking = context.take(next.lesson)
  const gone = Promise.withResolvers<never>()
  taking.catch(gone.reject)
  const first = next.key === undefined ? undefined : await press(next.key)
  if (first !== undefined) return first
  const facts = factsOfResults(context, next.lesson)
  const view = () => lessonView(context, next.lesson, stands() ? notice : undefined, facts)
  return Promise.race([context.show(view, press), gone.promise])
}

/** What belongs to a pass is read once for each result, and drawn when it is there. */
function factsOfResults(context: Context, lesson: Lesson): (result: number) => PassFacts | undefined {
  let read: { result: number; facts?: PassFacts } | undefined
  return (result) => {
    if (read?.result !== result) {
      const mine: typeof read = { result }
      read = mine
      void passFacts(lesson, placeOf(context, lesson).following?.lesson)
        .then((facts) => {
          mine.facts = facts
          context.window.redraw()
        })
        // Without it the pass is told shorter.
        .catch(() => {})
    }
    return read.facts
  }
}

export function placeOf(context: Context, { name }: Lesson): { standing?: Standing; following?: Standing } {
  const { lessons } = context.view
  const index = lessons.findIndex(({ lesson }) => lesson.name === name)
  const [standing, following] = index === -1 ? [] : [lessons[index], lessons[index + 1]]
  return { ...(standing ? { standing } : {}), ...(following ? { following } : {}) }
}

function lessonView(
  context: Context,
  lesson: Lesson,
  notice: string | undefined,
  facts: (result: number) => PassFacts | undefined,
): View {
  const { name, title, exercise } = lesson
  const theme = context.theme()
  const { bold, dim } = pc.createColors(theme.colour)
  const { standing, following } = placeOf(context, lesson)
  const current = context.current?.lesson.name === name ? context.current : undefined
  const state = standing === undefined ? '' : stateText(standing)
  const { dash } = symbolsOf(theme)
  const heading = `${shortName(lesson)} ${title}${state === '' ? '' : ` ${dash} ${state}`}`
  const file = shown(context.root, exercise)
  const isShort = widthOf(heading) + widthOf(file) + 3 <= theme.width
  const head = isShort ? [`${bold(heading)}   ${dim(file)}`] : [...wrap(bold(heading), theme.width), dim(file)]
  const body = [...head, '']
  if (notice !== undefined) body.push(...lines(notice, theme), '')
  if (standing !== undefined && current?.judged === undefined) {
    body.push(...lines(standing.state === 'new' ? NEW : UNCHECKED, theme), '')
  }
  if (current?.problem !== undefined) body.push(...lines(current.problem, theme), '')
  if (current?.judged) {
    body.push(...resultLines(current.judged, current.judgedAt, theme, (each) => current.withholds(each)), '')
    if (current.isUnconfirmed) body.push(...lines(STAND_IN, theme), '')
    if (current.judged.report.verdict === 'passed') {
      body.push(...passLines(lesson, context.view, following, facts(current.results), theme))
    }
  }
  return {
    id: `${name} ${current?.results ?? 0} ${notice ?? ''}`,
    body,
    foot: footOf(context, keyLine(context, standing, following), lesson),
  }
}

const NEW = 'This is the starter. o opens it in your editor, d shows the lesson. Save the file or press r to check it.'
const UNCHECKED = 'Nothing has been checked yet: save the file, or press r.'
const STAND_IN =
  "This verdict comes from the lab's own broker, but RabbitMQ decides. If this machine has a RabbitMQ, the lab checks again on it as soon as it's ready."
