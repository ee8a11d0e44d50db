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
import { fileURLToPath, pathToFileURL } from 'node:url'
import { earlierLessons, type Setting } from './protocol.ts'

/** What runs on the student's side of the line, beside the driver and the exercise. */
const OWN = ['preload.ts', 'child.ts', 'hooks.ts', 'earlier.ts', 'drive.ts', 'protocol.ts']
const KEEP_MS = 24 * 3600_000
const SWEEP_EVERY_MS = 3600_000

export const BUNDLE_VARIABLE = 'CLUSTER_UP_BUNDLE'

/**
 * Takes the types out of every TypeScript file that a student's process is known to load, once for all the processes
 * of a check, and once for all checks of the same content.
 *
 * @returns the path of a JSON file: JavaScript by file: URL
 */
export async function bundleFor(exercise: string, driver: string | undefined, setting: Setting): Promise<string> {
  const files = [
    ...OWN.map((name) => fileURLToPath(new URL(`./${name}`, import.meta.url))),
    ...(driver === undefined ? [] : [driver]),
    exercise,
    ...earlierLessons(setting).flatMap((lesson) =>
      [setting.tree, setting.solutions].map((tree) => fileURLToPath(new URL(`${lesson}/exercise.ts`, tree))),
    ),
  ]
  const sources = [...new Set(files)].flatMap((file) =>
    existsSync(file) ? [[pathToFileURL(file).href, readFileSync(file, 'utf8')] as const] : [],
  )
  const key = createHash('sha256').update(process.version).update(JSON.stringify(sources)).digest('hex').slice(0, 24)
  const folder = join(fileURLToPath(setting.lab), '.lab', 'cache', 'students')
  const path = join(folder, `${key}.json`)
  if (existsSync(path)) {
    utimesSync(path, new Date(), new Date())
    return path
  }
  const { stripTypeScriptTypes } = await import('node:module')
  const bundle = sources.flatMap(([url, source]) => {
    try {
      return [[url, stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: url })]]
    } catch {
      // The process meets the same error, and tells it in full.
      return []
    }
  })
  mkdirSync(folder, { recursive: true })
  sweep(folder)
  // Several workers of one process may be at it: the process ID alone would not tell their files apart.
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(Object.fromEntries(bundle)))
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
