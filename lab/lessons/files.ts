import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { LabError } from '../errors.ts'

/** The text of a file; undefined where there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new LabError('file-not-read', `${file} can't be read: ${messageOf(error)}.`, {
      advice: 'Check who owns the file and what its permissions are.',
      cause: error,
    })
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}

/** A path as people read it: from `root`, with '/' on every system. */
export function shown(root: string, path: string): string {
  return relative(root, path).split(sep).join('/') || '.'
}

/** An error of the content that the project ships: which file, which line, what is wrong, what to do. */
export function contentError(file: string, line: number, problem: string, advice: string, cause?: unknown): LabError {
  return new LabError('lesson-broken', `${file}, line ${line}: ${problem}.`, { advice, cause })
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
