import { shown } from '../lessons/files.ts'
import { shortName } from '../lessons/lesson.ts'
import { stateFolder } from '../progress/store.ts'
import { table } from '../text/table.ts'
import type { Theme } from '../text/theme.ts'
import { wrap } from '../text/wrap.ts'
import { overview, stateText } from './overview.ts'

/** The lessons, their state and the commands as text: what `npm run lab` shows where there is no terminal. */
export async function plainLessons(options: { root: string; state?: string; theme: Theme }): Promise<string> {
  const { root, theme } = options
  const view = await overview(root, options.state ?? stateFolder(root))
  const rows = view.lessons.map((standing) => {
    const { lesson } = standing
    return [shortName(lesson), lesson.title, `${lesson.minutes} min`, stateText(standing) || 'new']
  })
  const goOn = view.goOn
  const commands = [
    ['npm run lab', 'this list as a menu, in a terminal: read, check, hints'],
    ['npm run check', "checks the first lesson that you haven't passed"],
    [`npm run check -- ${goOn ? shortName(goOn) : '02'}`, 'checks that lesson; --all checks every one'],
    [
      `npm run lab -- read ${goOn ? shortName(goOn) : '02'}`,
      'shows its text; quiz, hint, map and solution work the same way',
    ],
    [`npm run lab -- run ${goOn && goOn.number > 3 ? shortName(goOn) : '04'}`, 'runs your service, and sends it tasks'],
    ['npm run doctor', 'says which brokers can be used here'],
  ]
  const whither = goOn
    ? `Go on with ${shortName(goOn)}: read ${shown(root, goOn.text)}, then write ${shown(root, goOn.exercise)}.`
    : 'All lessons passed.'
  const lines = [
    ...(view.progress.notice ? [...wrap(view.progress.notice, theme.width), ''] : []),
    'Cluster Up: the lessons',
    '',
    ...table([['', 'lesson', 'takes', 'state'], ...rows], theme, { head: true }),
    '',
    ...wrap(whither, theme.width),
    '',
    ...table(commands, theme),
  ]
  return `${lines.join('\n')}\n`
}
