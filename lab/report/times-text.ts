import { basename } from 'node:path'
import { spell, symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { indent, wrap } from '../text/wrap.ts'
import type { CheckReport, FailedSometimes, LessonReport, TimesReport } from './report.ts'
import { onBroker } from './summary.ts'
import { painter } from './text.ts'

/** So many of the folders are named: more are seen in their folder. */
const NAMED = 5

interface Options {
  titles?: Record<string, string>
  /** How a path is written for who reads this. */
  path?: (absolute: string) => string
}

/**
 * What a student sees of lessons that were played again and again:
 *
 *   '47 of 50 plays passed', and what failed how often
 *   where the recordings of the failures are, and how they are judged again
 */
export function timesText(report: CheckReport & { times: TimesReport }, theme: Theme, options: Options = {}): string {
  const { times, lessons } = report
  const lines = lessons.flatMap((lesson) => [...lessonLines(lesson, report, theme, options), ''])
  lines.push(...keptLines(times, theme, options))
  if (times.seed !== null) lines.push(...wrap(playedSentence(times, times.seed), theme.width))
  return `${lines.map((line) => spell(line, theme)).join('\n')}\n`
}

function playedSentence({ played, wanted, durationMs }: TimesReport, seed: number): string {
  const early = played < wanted ? `Ended early, after ${played} of ${wanted} plays. ` : ''
  const took = `${(durationMs / 1000).toFixed(1)} s`
  return `${early}It took ${took}, with timings from seed ${seed}: --seed ${seed} repeats them.`
}

function lessonLines(
  lesson: LessonReport,
  { broker, times: { expectations } }: CheckReport & { times: TimesReport },
  theme: Theme,
  { titles = {} }: Options,
): string[] {
  const paint = painter(theme)
  const { tick, cross, dash } = symbolsOf(theme)
  const { played, passed, failed } = lesson.times ?? { played: 0, passed: 0, failed: 0 }
  const title = titles[lesson.lesson]
  const name = title === undefined ? lesson.lesson : `${lesson.lesson.slice(0, 2)} ${title}`
  const mark = failed > 0 ? paint('red', cross) : passed === played ? paint('green', tick) : paint('yellow', dash)
  const plays = played === 1 ? 'play' : 'plays'
  const lines = [paint('bold', name), '', `${mark} ${passed} of ${played} ${plays} passed${onBroker(broker)}.`]
  for (const each of expectations.filter((one) => one.lesson === lesson.lesson)) {
    lines.push('', ...expectationLines(each, played, theme))
  }
  const unjudged = played - passed - failed
  if (unjudged > 0) {
    const first = lesson.reason ?? lesson.expectations.find(({ verdict }) => /error|not-judged/.test(verdict))?.message
    const why = first === undefined ? '' : ` ${first.split('\n')[0]}`
    const said = `${unjudged} of ${played} could not be judged.${why}`
    lines.push('', ...indent(wrap(said, theme.width - 4), `  ${paint('yellow', dash)} `))
  }
  return lines
}

function expectationLines(
  { failed, title, message = '', misconception, follows }: FailedSometimes,
  played: number,
  theme: Theme,
): string[] {
  const paint = painter(theme)
  const cause = misconception ?? (follows === undefined ? undefined : `may follow from '${follows}'`)
  const known = cause === undefined ? '' : paint('dim', ` (${cause})`)
  const lines = indent(
    wrap(`${failed} of ${played}: ${title}${known}`, theme.width - 4),
    `  ${symbolsOf(theme).cross} `,
  )
  for (const paragraph of message.split('\n'))
    lines.push(...indent(wrap(paragraph, theme.width - 6), '      ', '      '))
  return lines
}

function keptLines({ recordings, kept }: TimesReport, { width }: Theme, { path = String }: Options): string[] {
  const [first] = kept
  if (recordings === null || first === undefined) return []
  const more = kept.length > NAMED ? [`  and ${kept.length - NAMED} more`] : []
  const where = `The recordings of the failures are in ${path(recordings)}, those with the fewest events first:`
  return [
    ...wrap(where, width),
    ...kept.slice(0, NAMED).map(({ folder }) => `  ${basename(folder)}`),
    ...more,
    '',
    'To see what happened in the first, or to judge all of them again:',
    `  npm run check -- ${Number(first.lesson.slice(0, 2))} --from ${typed(path(first.folder))}`,
    `  npm run check -- --from ${typed(path(recordings))}`,
    '',
  ]
}

/** A path as a shell takes it. */
function typed(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path
}
