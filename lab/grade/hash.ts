import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TreeFile } from './submission/tree.ts'

/** What judges: a change in here may change a verdict. */
const JUDGES = ['lab/amqp', 'lab/check', 'lab/embedded', 'lab/recording', 'lab/student', 'lab/wire', 'checks/shared']

/** A hash of the part of the lab that judges a lesson. */
export function labHash(root: string, lesson: string): string {
  const hash = createHash('sha256')
  for (const folder of [...JUDGES, `checks/${lesson}`, 'solutions']) {
    const path = join(root, folder)
    if (!existsSync(path)) continue
    const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const names = files.map(({ parentPath, name }) => join(parentPath, name)).sort()
    for (const name of names) hash.update(name.slice(root.length)).update('\0').update(readFileSync(name)).update('\0')
  }
  return hash.digest('hex')
}

/** A hash of all that the verdict of a submission's lesson depends on: its files, the lab, and how it is judged. */
export function contentHash(files: TreeFile[], lab: string, how: unknown): string {
  const hash = createHash('sha256').update(lab).update(JSON.stringify(how))
  for (const { path, text } of files.toSorted((one, other) => (one.path < other.path ? -1 : 1)))
    hash.update(`\0${path}\0`).update(text)
  return hash.digest('hex')
}
