import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LabError } from '../errors.ts'

/** Writes a page where somebody asked for it. @throws LabError 'not-written' */
export async function writePage(file: string, page: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, page)
  } catch (error) {
    throw new LabError('not-written', `${file} can't be written: ${(error as Error).message}.`, {
      advice: 'Give another file after --html.',
      cause: error,
    })
  }
}
