import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Folders that hold no work of a student's: packages, version control, the lab's own content in a copy of the lab. */
const NOT_THEIRS = new Set([
  'node_modules',
  '__MACOSX',
  'solutions',
  'stand-ins',
  'mistakes',
  'variants',
  'cheats',
  'checks',
  'lab',
  'test',
  'docs',
  'dist',
])
const DEEPEST = 7
const MOST_ENTRIES = 5000

/** What a walk through a submission meets; paths have '/' and count from its folder. */
export interface Walked {
  folders: string[]
  files: string[]
  /** Links and the like: never followed, never read. */
  odd: string[]
  /** There is more than anyone looks at. */
  isCut: boolean
}

/** All folders and regular files of a submission that can be a student's work, the shallow ones first. */
export function walk(folder: string): Walked {
  const walked: Walked = { folders: [''], files: [], odd: [], isCut: false }
  let seen = 0
  for (const inside of walked.folders) {
    for (const entry of readdirSync(join(folder, inside), { withFileTypes: true }).sort(byName)) {
      if (++seen > MOST_ENTRIES) return { ...walked, isCut: true }
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`
      if (entry.isDirectory()) {
        if (isLookedInto(entry.name) && path.split('/').length <= DEEPEST) walked.folders.push(path)
      } else if (entry.isFile()) walked.files.push(path)
      else walked.odd.push(path)
    }
  }
  return walked
}

export function isLookedInto(name: string): boolean {
  return !name.startsWith('.') && !NOT_THEIRS.has(name)
}

function byName({ name: one }: { name: string }, { name: other }: { name: string }): number {
  return one < other ? -1 : one > other ? 1 : 0
}
