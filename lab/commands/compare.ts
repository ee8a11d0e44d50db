import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KindName } from '../broker/kinds/kind.ts'
import { Session } from '../check/session.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { lessons as catalogue, findLesson } from '../lessons/catalogue.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { tree as treeAt } from '../lessons/tree.ts'
import { ROOT } from '../root.ts'
import { type Theme, themeOf } from '../text/theme.ts'
import { command } from './command.ts'
import { comparing, filesOf } from './comparing.ts'
import { BROKER, flag, path, usageError } from './options.ts'
import { startingLine } from './starting.ts'
import { writePage } from './write-page.ts'

/** `npm run compare`: an exercise beside the solution. Exit code 0 shown, 2 anything else. */
export const compare = command({
  usage: 'npm run compare -- LESSON',
  notes: 'A LESSON is 2, 02 or 02-retrying-connection.',
  options: {
    tree: path('DIR', 'the folder with the exercises, one folder for each lesson; by default lessons/'),
    html: path('FILE', 'write a page for a browser'),
    show: flag("show the solution even if you haven't passed the lesson"),
    broker: BROKER,
  },
  takesWords: true,
  async run({ values, words: [given, ...more] }, io) {
    if (given === undefined || more.length > 0) throw usageError('Name exactly one lesson.')
    return await show(given, values, io)
  },
})

interface CompareOptions {
  tree: string | undefined
  html: string | undefined
  show: boolean
  broker: 'auto' | KindName | undefined
}

async function show(given: string, options: CompareOptions, io: Io): Promise<number> {
  const all = await catalogue(ROOT)
  const lesson = findLesson(all, given)
  const tree = await treeAt(ROOT, options.tree)
  const { yours } = await filesOf({ lesson, tree })
  if (tree.isStudents && !options.show) await mustHavePassed(lesson, yours, io)

  const starting = startingLine(io.stderr)
  await using session = new Session({
    root: ROOT,
    broker: { kind: options.broker ?? 'auto' },
    exports: Object.fromEntries(all.map(({ name, exports }) => [name, exports])),
    onStarting: starting.show,
  })
  const comparison = await comparing(session, {
    lesson,
    tree,
    tell: (notice) => io.stderr.write(`${notice}\n`),
  })
  starting.end()
  if (options.html === undefined) {
    const { comparisonText } = await import('../compare/text.ts')
    io.stdout.write(comparisonText(comparison, wideThemeOf(io)))
    return 0
  }
  const { comparisonPage } = await import('../compare/page.ts')
  const file = resolve(io.env.INIT_CWD ?? process.cwd(), options.html)
  await writePage(file, comparisonPage(comparison))
  io.stdout.write(`The comparison is in ${file}\nOpen it in a browser: ${pathToFileURL(file)}\n`)
  return 0
}

/** Two columns of code need more room than prose. */
export function wideThemeOf({ stdout, env }: { stdout: Partial<Io['stdout']>; env: NodeJS.ProcessEnv }): Theme {
  const theme = themeOf(stdout, env)
  const columns = stdout.columns || Number(env.COLUMNS) || theme.width
  return { ...theme, width: Math.max(theme.width, Math.min(columns, WIDEST)) }
}

const WIDEST = 220

/** What has passed has nothing to lose; who has not is asked first. */
async function mustHavePassed(lesson: Lesson, content: string, io: Io): Promise<void> {
  const [{ passedOn }, { readProgress }] = await Promise.all([
    import('../progress/state.ts'),
    import('../progress/store.ts'),
  ])
  const { lessons, notice } = await readProgress(ROOT)
  if (notice !== undefined) io.stderr.write(`${notice}\n`)
  if (passedOn(lessons[lesson.name], content)) return
  const number = shortName(lesson)
  throw new LabError(
    'not-passed',
    `Your current exercise for lesson ${number} hasn't passed, and this shows the solution.`,
    {
      advice: `A hint may be all you need: npm run lab. To see the solution anyway: npm run compare -- ${number} --show`,
    },
  )
}
