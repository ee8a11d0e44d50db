import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { safeParse } from 'valibot'
import { LabError } from '../errors.ts'
import { writeFileAtomic } from '../write-file-atomic.ts'
import { emptyFile, emptyLesson, type LessonProgress, ProgressFile } from './format.ts'
import { locked } from './lock.ts'

/** What is remembered, by lesson name, and what there is to say about it. */
export interface Progress {
  lessons: Record<string, LessonProgress>
  /** The name of the lesson last opened in the menu. */
  opened?: string
  /** A sentence where the file was broken and has been kept aside. */
  notice?: string
}

/** The folder of the lab's own files in a project. */
export function stateFolder(root: string): string {
  return join(root, '.lab')
}

/** What is remembered. A file that can't be understood is kept aside under a dated name, and the notice says so. */
export async function readProgress(root: string, state = stateFolder(root)): Promise<Progress> {
  const file = join(state, 'progress.json')
  const read = parse(readText(file))
  if (read.problem === undefined) return told(read.file)
  // Moving it aside is writing: under the lock it may have become another file.
  return change(root, state, () => {})
}

/**
 * Changes what is remembered: reads the file anew, under a lock, so that commands beside each other lose nothing.
 *
 * @param edit Changes the lessons, or the file, in place.
 */
export async function change(
  root: string,
  state = stateFolder(root),
  edit: (lessonOf: (name: string) => LessonProgress, file: ProgressFile) => void,
  now = new Date(),
): Promise<Progress> {
  const file = join(state, 'progress.json')
  try {
    mkdirSync(state, { recursive: true })
    return await locked(`${file}.lock`, () => {
      const read = parse(readText(file))
      const notice = read.problem === undefined ? undefined : keepAside(file, read.problem, now)
      const { lessons } = read.file
      edit((name) => {
        lessons[name] ??= emptyLesson()
        return lessons[name]
      }, read.file)
      writeFileAtomic(file, `${JSON.stringify(read.file, null, 2)}\n`)
      return { ...told(read.file), ...(notice === undefined ? {} : { notice }) }
    })
  } catch (error) {
    if (error instanceof LabError) throw error
    throw new LabError(
      'progress-not-written',
      `Your progress can't be saved in ${file}: ${(error as Error).message}.`,
      {
        advice: 'Check who owns the folder, and whether the disk is full.',
        cause: error,
      },
    )
  }
}

/** Remembers which lesson the student is at. */
export async function markOpened(root: string, lesson: string, state = stateFolder(root)): Promise<void> {
  if ((await readProgress(root, state)).opened === lesson) return
  await change(root, state, (_, file) => {
    file.opened = lesson
  })
}

function told({ lessons, opened }: ProgressFile): Progress {
  return opened === undefined ? { lessons } : { lessons, opened }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new LabError('progress-not-read', `${file} can't be read: ${(error as Error).message}.`, {
      advice: 'Check who owns the file and what its permissions are.',
      cause: error,
    })
  }
}

/** `problem` says why the text is no progress file; the file is then an empty one. */
function parse(text: string | undefined): { file: ProgressFile; problem?: string } {
  if (text === undefined) return { file: emptyFile() }
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { file: emptyFile(), problem: "it isn't valid JSON" }
  }
  const checked = safeParse(ProgressFile, data)
  if (checked.success) return { file: checked.output }
  const [issue] = checked.issues
  return {
    file: emptyFile(),
    problem: `'${(issue.path ?? []).map(({ key }) => String(key)).join('.')}' isn't what the lab writes there`,
  }
}

function keepAside(file: string, problem: string, now: Date): string {
  const date = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  const name = (number: number) => file.replace(/\.json$/, `.broken-${date}${number === 1 ? '' : `-${number}`}.json`)
  let number = 1
  while (existsSync(name(number))) number++
  renameSync(file, name(number))
  return `Your progress file couldn't be read (${problem}). The lab kept it as ${name(number)} and started a new one.`
}
