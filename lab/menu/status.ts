import pc from 'picocolors'
import type { CurrentLesson } from '../current/current-lesson.ts'
import { shortName } from '../lessons/lesson.ts'
import { hasPassed } from '../progress/state.ts'
import { progressText } from '../report/progress.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { widthOf } from '../text/wrap.ts'
import type { Context } from './context.ts'
import { stepAt } from './result.ts'

/** A check that is over sooner needs no word on how far it is. */
const WORTH_TELLING_MS = 900

/** What stands below every screen of a lesson: what is going on, where the student is, and the keys. */
export function footOf(context: Context, keys: string, lesson = context.current?.lesson): string[] {
  const theme = context.theme()
  const { dim, cyan } = pc.createColors(theme.colour)
  const { current } = context
  const doing = current === undefined ? [] : [cyan(doingLine(current, theme, performance.now()))]
  return [...doing, statusLine(context, theme, lesson), dim(keys)]
}

/** 'Checking: 3 of 8 decided, awaiting ...', 'Watching exercise.ts: each save is checked.' */
export function doingLine(current: CurrentLesson, theme: Theme, now: number): string {
  const { running } = current
  if (running === undefined) {
    const name = 'exercise.ts'
    if (current.isGone) return `${name} is missing. The lab checks it when it's back; x restores the starter.`
    const how = current.way === 'polling' ? ' (polling; r checks now)' : ''
    return `Watching ${name}${how}: each save is checked.`
  }
  const what = running.why === 'confirm' ? 'Confirming on RabbitMQ, which decides' : 'Checking'
  const ms = now - running.since
  const { ellipsis } = symbolsOf(theme)
  if (ms < WORTH_TELLING_MS) return `${what} ${ellipsis}`
  return progressText(what, ms, running.progress)
}

/**
 * '02 Keep trying · step 3 of 5 · RabbitMQ 4.3.6 (container) · ████████░░░░ 4/14'. Where that is too long, the bar gets
 * shorter, then it goes, then the title, then the broker's name: each as a whole. The numbers stay.
 */
export function statusLine(context: Context, theme: Theme, lesson = context.current?.lesson): string {
  const { current, view } = context
  const passed = view.lessons.filter(({ lesson }) => hasPassed(view.progress, lesson.name)).length
  const total = view.lessons.length
  const broker = context.statusLine()
  const at = current?.judged === undefined ? undefined : stepAt(current.judged.report)
  const step =
    at === undefined ? '' : current?.judged?.report.verdict === 'passed' ? 'passed' : `step ${at.step} of ${at.of}`
  const separator = theme.unicode ? ' · ' : ' | '
  const line = (title: string, of: string, bar: number) =>
    [
      lesson === undefined ? '' : `${shortName(lesson)} ${title}`.trim(),
      step,
      of,
      `${blocks(passed, total, bar, theme)} ${passed}/${total}`.trim(),
    ]
      .filter((part) => part !== '')
      .join(separator)
  const title = lesson?.title ?? ''
  const tries = [line(title, broker, 12), line(title, broker, 5), line(title, broker, 0), line('', broker, 5)]
  const found = [...tries, line('', broker, 0), line(title, '', 5)].find((each) => widthOf(each) <= theme.width)
  return found ?? line('', '', 0)
}

function blocks(done: number, total: number, length: number, theme: Theme): string {
  const symbols = symbolsOf(theme)
  const full = total === 0 ? 0 : Math.floor((done / total) * length)
  return `${symbols.full.repeat(full)}${symbols.empty.repeat(length - full)}`
}
