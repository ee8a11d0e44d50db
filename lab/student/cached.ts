import { createHash, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Setting } from './protocol.ts'

const KEEP_MS = 24 * 3600_000
const SWEEP_EVERY_MS = 3600_000

/** A file for students' processes, made once for all checks of the same content. */
export interface Cached {
  /** All that its content depends on. */
  of: unknown
  /** The ending of its name. */
  ending: string
  make(): Promise<string | Uint8Array>
  /** Whether what was read from the disk is all of it: it is made anew otherwise. */
  isWhole(content: Buffer): boolean
}

/** @returns its path */
export async function cached({ lab }: Setting, { of, ending, make, isWhole }: Cached): Promise<string> {
  const hash = createHash('sha256').update(process.version).update(JSON.stringify(of))
  const folder = join(fileURLToPath(lab), '.lab', 'cache', 'students')
  const path = join(folder, `${hash.digest('hex').slice(0, 24)}.${ending}`)
  if (existsSync(path) && isWhole(readFileSync(path))) {
    utimesSync(path, new Date(), new Date())
    return path
  }
  const made = await make()
  mkdirSync(folder, { recursive: true })
  sweep(folder)
  // Several processes may be at it at once.
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, made)
  renameSync(draft, path)
  return path
}

/** Once in a while, what nobody has used for a day goes. */
function sweep(folder: string): void {
  const marker = join(folder, 'swept')
  if (Date.now() - (statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? 0) < SWEEP_EVERY_MS) return
  writeFileSync(marker, '')
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    // Another check may have renamed or removed it meanwhile.
    const lastUsedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (lastUsedMs !== undefined && Date.now() - lastUsedMs > KEEP_MS) rmSync(path, { force: true })
  }
}
