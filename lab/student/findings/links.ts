import { readdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { realPath } from '../real-path.ts'
import type { Finding } from './finding.ts'

/** A tree that has more in it is not looked through to its end: whatever it is, it isn't fourteen lessons. */
const MOST_ENTRIES = 5000
const LEFT_OUT = new Set(['.git'])

/**
 * What is wrong with the links in a submission: one that leads out of it would let the exercise read what is not its own,
 * or be somebody else's. The folder itself may be a link: the path to it is the instructor's own.
 */
export function linkOut(exercise: string, tree: string): Finding | undefined {
  const top = realPath(tree)
  const isIn = (path: string) => path === top || path.startsWith(`${top}${sep}`)
  // A single exercise that is kept elsewhere is in no tree.
  if (!exercise.startsWith(`${tree}${sep}`) && !exercise.startsWith(`${top}${sep}`)) return undefined
  const found = [dirname(exercise), exercise].find((path) => !isIn(realPath(path))) ?? firstLink(top, isIn)
  if (found === undefined) return undefined
  return {
    id: 'file-missing',
    sentence: `${basename(found)} in ${dirname(found)} is a link that leads out of the submission, so the lab runs none of it.`,
    detail: 'A submission must contain its own files. Replace the link with a copy.',
  }
}

function firstLink(top: string, isIn: (path: string) => boolean): string | undefined {
  const folders = [top]
  let entries = 0
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (++entries > MOST_ENTRIES) return undefined
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) folders.push(path)
      if (entry.isSymbolicLink() && leadsOut(path, isIn)) return path
    }
  }
  return undefined
}

function leadsOut(link: string, isIn: (path: string) => boolean): boolean {
  try {
    return !isIn(realpathSync(link))
  } catch {
    // It leads nowhere.
    return false
  }
}
