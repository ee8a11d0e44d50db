import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../errors.ts'
import { writeFileAtomic } from '../write-file-atomic.ts'
import { isMissing, messageOf, readIfThere } from './files.ts'
import type { Lesson } from './lesson.ts'

/**
 * Makes the student's file from the starter where there is none; one that is there is never touched.
 *
 * @returns Whether it was made now.
 */
export async function ensureExercise(lesson: Lesson): Promise<boolean> {
  try {
    await copyFile(lesson.starter, lesson.exercise, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    if (isMissing(error)) {
      throw new LabError('no-starter', `Lesson ${lesson.name} has no starter.ts to make the exercise from.`, {
        advice: 'Restore it: git restore lessons',
        cause: error,
      })
    }
    throw notWritten(lesson.exercise, error)
  }
}

/** How the student's file is now; undefined where there is none. */
export async function exerciseContent(lesson: Lesson): Promise<string | undefined> {
  return readIfThere(lesson.exercise)
}

/**
 * Puts the student's file back to the starter. What was there is kept first, as
 * `STATE/backups/02-retrying-connection/exercise.2026-11-23T18-30-05.ts`: outside the lessons, where neither git nor
 * TypeScript nor the linter looks. Nothing is ever overwritten: a second copy in the same second gets a number.
 *
 * @param state The folder of the lab's own files, usually `.lab` in the project.
 * @returns Where the copy is; undefined where there was nothing to keep (no file, or the starter as it is).
 */
export async function reset(lesson: Lesson, state: string, now = new Date()): Promise<string | undefined> {
  if (await ensureExercise(lesson)) return undefined
  return overwrite(lesson, await readFile(lesson.starter), state, now)
}

/** A copy of an exercise that was kept. */
export interface Backup {
  file: string
  /** '2026-11-23 18:30:05', and a number where there are several of that second. */
  date: string
  lines: number
}

/** The copies kept of a lesson's exercise, newest first. */
export async function backupsOf(lesson: Lesson, state: string): Promise<Backup[]> {
  const folder = join(state, 'backups', lesson.name)
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const found = names.flatMap((name) => {
    const [, day, hour, minute, second, number = '1'] =
      name.match(/^exercise\.(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)(?:-(\d+))?\.ts$/) ?? []
    if (day === undefined) return []
    const date = `${day} ${hour}:${minute}:${second}`
    return [{ name, date, number: Number(number) }]
  })
  found.sort((a, b) => b.date.localeCompare(a.date) || b.number - a.number)
  return Promise.all(
    found.map(async ({ name, date, number }) => {
      const file = join(folder, name)
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').length
      return { file, date: number === 1 ? date : `${date} (${number})`, lines }
    }),
  )
}

/**
 * Puts a kept copy back. What is there now is kept first, as in a reset; the copy itself stays where it is.
 *
 * @returns Where what was there now is; undefined where there was nothing to keep.
 */
export async function restore(
  lesson: Lesson,
  backup: Pick<Backup, 'file'>,
  state: string,
  now = new Date(),
): Promise<string | undefined> {
  const content = await readFile(backup.file)
  if (await ensureExercise(lesson)) {
    writeFileAtomic(lesson.exercise, content)
    return undefined
  }
  return overwrite(lesson, content, state, now)
}

/** Keeps what is there, unless it is the starter or what it is to become, and then writes. */
async function overwrite(lesson: Lesson, content: Buffer, state: string, now: Date): Promise<string | undefined> {
  const [before, starter] = await Promise.all([readFile(lesson.exercise), readFile(lesson.starter)])
  if (before.equals(content)) return undefined
  const folder = join(state, 'backups', lesson.name)
  try {
    await mkdir(folder, { recursive: true })
    const copy = before.equals(starter) ? undefined : await keep(lesson.exercise, folder, stamp(now))
    writeFileAtomic(lesson.exercise, content)
    return copy
  } catch (error) {
    throw notWritten(folder, error)
  }
}

/** '2026-11-23T18-30-05' by the student's own clock; a name that every file system takes. */
export function stamp(now: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
  return `${day}T${two(now.getHours())}-${two(now.getMinutes())}-${two(now.getSeconds())}`
}

async function keep(file: string, folder: string, date: string): Promise<string> {
  for (let number = 1; ; number++) {
    const copy = join(folder, `exercise.${date}${number === 1 ? '' : `-${number}`}.ts`)
    try {
      await copyFile(file, copy, constants.COPYFILE_EXCL)
      return copy
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function notWritten(path: string, cause: unknown): LabError {
  return new LabError('file-not-written', `${path} can't be written: ${messageOf(cause)}.`, {
    advice: 'Check who owns the folder, and whether the disk is full. Nothing was lost.',
    cause,
  })
}
