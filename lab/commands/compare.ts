import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { KINDS, type KindName } from '../broker/kinds/kind.ts'
import { Session } from '../check/session.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { lessons as catalogue, findLesson } from '../lessons/catalogue.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { tree as treeAt } from '../lessons/tree.ts'
import { ROOT } from '../root.ts'
import { type Look, lookOf } from '../text/look.ts'
import { comparing, filesOf } from './comparing.ts'
import { startingLine } from './starting.ts'

const USAGE = `Usage: npm run compare -- LESSON [--tree DIR] [--html FILE] [--show] [--broker auto|container|native|embedded]
A LESSON is 2, 02 or 02-retrying-connection.`

const BROKERS: readonly string[] = ['auto', ...KINDS]

/** `npm run compare`: an exercise beside the solution. Exit code 0 shown, 2 anything else. */
export async function compare(args: string[], io: Io): Promise<number> {
  const options = parsed(args)
  const all = await catalogue(ROOT)
  const lesson = findLesson(all, options.lesson)
  const tree = await treeAt(ROOT, options.tree)
  const { yours } = await filesOf({ lesson, tree })
  if (tree.isStudents && !options.show) await mustHavePassed(lesson, yours, io)

  const starting = startingLine(io.stderr)
  await using session = new Session({
    root: ROOT,
    broker: { kind: options.broker },
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
    io.stdout.write(comparisonText(comparison, wideLookOf(io)))
    return 0
  }
  const { comparisonPage } = await import('../compare/page.ts')
  const file = resolve(io.env.INIT_CWD ?? process.cwd(), options.html)
  await write(file, comparisonPage(comparison))
  io.stdout.write(`The comparison is in ${file}\nOpen it in a browser: ${pathToFileURL(file)}\n`)
  return 0
}

/** Two columns of code need more room than prose. */
export function wideLookOf({ stdout, env }: { stdout: Partial<Io['stdout']>; env: NodeJS.ProcessEnv }): Look {
  const look = lookOf(stdout, env)
  const columns = stdout.columns || Number(env.COLUMNS) || look.width
  return { ...look, width: Math.max(look.width, Math.min(columns, WIDEST)) }
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
    `Your exercise of ${number}, as it is now, has not passed. This shows the solution.`,
    {
      advice: `A hint may be all you need: npm run lab. If you want to see it: npm run compare -- ${number} --show`,
    },
  )
}

async function write(file: string, page: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, page)
  } catch (error) {
    throw new LabError('not-written', `${file} can't be written: ${(error as Error).message}.`, {
      advice: 'Give another file behind --html.',
      cause: error,
    })
  }
}

function parsed(args: string[]) {
  const { values, positionals } = read(args)
  const [lesson, more] = positionals
  if (lesson === undefined || more !== undefined) throw usage('Say which lesson, and one only.')
  const { broker = 'auto', tree, html, show = false } = values
  if (!BROKERS.includes(broker)) throw usage(`There is no broker '${broker}'.`)
  if (tree === '') throw usage('--tree needs a path.')
  if (html === '') throw usage('--html needs a path.')
  return { lesson, broker: broker as 'auto' | KindName, tree, html, show }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        tree: { type: 'string' },
        html: { type: 'string' },
        broker: { type: 'string' },
        show: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw usage(`${(error as Error).message.split('. ')[0]}.`)
  }
}

function usage(problem: string): LabError {
  return new LabError('usage', problem, { advice: USAGE })
}
