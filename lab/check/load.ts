import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Check } from './check.ts'

/** Loads a lesson's check: what it declares, and nothing is run. */
export async function loadCheck(lesson: string, root: string): Promise<Check> {
  const { default: check } = (await import(pathToFileURL(checkFile(lesson, root)).href)) as { default?: Check }
  if (check?.lesson !== lesson)
    throw new Error(`checks/${lesson}/check.ts has no check of ${lesson} as its default export`)
  return check
}

/** The file with a lesson's expectations. */
export function checkFile(lesson: string, root: string): string {
  return join(root, 'checks', lesson, 'check.ts')
}
