import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { LabError } from '../errors.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { EDITION_FILE, STAND_INS, type StudentEdition } from '../which-edition.ts'
import { packed } from './pack.ts'
import { studentReadme } from './readme.ts'
import { DEV_CONTAINER, gradingWorkflow } from './workflow.ts'

/** What students get. All else stays: solutions, mistakes, variants, cheats, tests, documents for others, and history. */
const TAKEN = [
  ...['lab', 'lessons', 'checks', 'lab.ts', 'tsconfig.json', 'package-lock.json', '.npmrc', '.gitignore', 'LICENSE'],
  ...['.devcontainer', '.vscode', 'docs/students.md', 'docs/embedded-broker.md', 'docs/lab.svg'],
]
/** In what is taken: the lab's own tools for authors. */
const LEFT_OUT = ['lab/authors', 'lab/bench', 'lab/grade', 'lab/edition', 'lab/architecture']
/** The commands that need what is left out. */
const NOT_THEIRS = /^(test.*|bench.*|new|lint|architecture|format|grade.*|student-edition)$/

export interface Writing {
  root: string
  target: string
  lessons: Lesson[]
  strict: boolean
  /** Of the lab, where it is known: the workflow grades with this very one. */
  commit: string | null
}

/**
 * Writes the lab as students get it into a new folder.
 *
 * @returns how many files there are
 * @throws LabError 'folder-not-empty'
 */
export async function writeStudentEdition({ root, target, lessons, strict, commit }: Writing): Promise<number> {
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new LabError('folder-not-empty', `${target} is not empty.`, { advice: 'Give a new or empty folder.' })
  }
  const put = (name: string, content: string) => {
    mkdirSync(dirname(join(target, name)), { recursive: true })
    writeFileSync(join(target, name), content)
  }
  for (const name of TAKEN.filter((each) => existsSync(join(root, each)))) {
    cpSync(join(root, name), join(target, name), {
      recursive: true,
      filter: (source) => isTheirs(relative(root, source)),
    })
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const scripts = Object.entries(manifest.scripts).filter(([name]) => !NOT_THEIRS.test(name))
  const own = { ...Object.fromEntries(scripts), test: 'npm run check -- --all' }
  put('package.json', `${JSON.stringify({ ...manifest, scripts: own }, null, 2)}\n`)
  put('README.md', studentReadme(readFileSync(join(root, 'README.md'), 'utf8'), { strict }))
  const edition: StudentEdition = { edition: 'student', strict, commit }
  put(EDITION_FILE, `${JSON.stringify(edition, null, 2)}\n`)
  put('.github/workflows/grade.yml', gradingWorkflow(commit))
  if (!existsSync(join(target, '.devcontainer'))) put('.devcontainer/devcontainer.json', DEV_CONTAINER)
  const needed = strict ? [] : lessons.filter(({ name }) => lessons.some(({ buildsOn }) => buildsOn.includes(name)))
  for (const { name, solution } of needed) {
    put(join(STAND_INS, name, 'exercise.ts'), await packed(readFileSync(solution, 'utf8')))
  }
  return readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
}

function isTheirs(path: string): boolean {
  const shown = path.split(sep).join('/')
  // A student's own file in the checkout that the edition is made from is nobody else's.
  if (/^lessons\/[^/]+\/exercise\./.test(shown)) return false
  return !LEFT_OUT.includes(shown) && basename(shown) !== '.DS_Store'
}
