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
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isSource } from './findings/source.ts'
import { earlierLessons, type Setting } from './protocol.ts'

/** Where the lab's own part of a student's process begins. */
const OWN = ['preload.ts', 'child.ts']
/** And what comes before it, in plain JavaScript. */
const PLAIN = ['preload.mjs', 'sources.mjs']
const KEEP_MS = 24 * 3600_000
const SWEEP_EVERY_MS = 3600_000

/** Holds the paths of the bundles that a process loads first, as JSON. */
export const BUNDLES_VARIABLE = 'CLUSTER_UP_BUNDLES'

/** JavaScript by file: URL, and the file that keeps it. */
export interface Bundle {
  path: string
  sources: Record<string, string>
}

/** The lab's own part of a student's process. */
export function labBundle(driver: string | undefined, setting: Setting): Promise<Bundle> {
  return bundleOf(withImports(begins(driver)), setting)
}

/** The files of that: nothing else of the lab's is read by a student's process. */
export function labFiles(driver: string | undefined): string[] {
  return [...withImports(begins(driver)).keys(), ...PLAIN.map(beside)]
}

function begins(driver: string | undefined): string[] {
  const own = OWN.map(beside)
  return driver === undefined ? own : [...own, driver]
}

function beside(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url))
}

/** The exercise, and the earlier lessons that it may import. */
export function exerciseBundle(exercise: string, setting: Setting): Promise<Bundle> {
  const earlier = earlierLessons(setting).flatMap((lesson) =>
    [setting.tree, setting.solutions].map((tree) => fileURLToPath(new URL(`${lesson}/exercise.ts`, tree))),
  )
  const there = [exercise, ...earlier].filter(isSource)
  return bundleOf(new Map(there.map((file) => [file, readFileSync(file, 'utf8')])), setting)
}

/** The texts of these files, and of those of the lab's that they import: one that is missing here costs each process 70 ms. */
function withImports(files: string[]): Map<string, string> {
  const found = new Set(files)
  const texts = new Map<string, string>()
  // A set that grows while it is walked is walked to its end.
  for (const file of found) {
    const text = readFileSync(file, 'utf8')
    texts.set(file, text)
    // Biome writes them so. What is imported as a type only is gone when the process runs.
    for (const [, specifier = ''] of text.matchAll(/^(?!import type ).*\bfrom '(\.[^']+\.ts)'$/gm)) {
      found.add(resolve(dirname(file), specifier))
    }
  }
  return texts
}

/** Takes the types out of these files, once for all the processes of a check, and once for all checks of the same content. */
async function bundleOf(files: Map<string, string>, setting: Setting): Promise<Bundle> {
  const texts = [...files].map(([file, text]) => [pathToFileURL(file).href, text] as const)
  const key = createHash('sha256').update(process.version).update(JSON.stringify(texts)).digest('hex').slice(0, 24)
  const folder = join(fileURLToPath(setting.lab), '.lab', 'cache', 'students')
  const path = join(folder, `${key}.json`)
  if (existsSync(path)) {
    utimesSync(path, new Date(), new Date())
    return { path, sources: JSON.parse(readFileSync(path, 'utf8')) as Bundle['sources'] }
  }
  const { stripTypeScriptTypes } = await import('node:module')
  const sources = Object.fromEntries(
    texts.flatMap(([url, text]) => {
      try {
        return [[url, stripTypeScriptTypes(text, { mode: 'strip', sourceUrl: url })]]
      } catch {
        // The process meets the same error, and tells it in full.
        return []
      }
    }),
  )
  mkdirSync(folder, { recursive: true })
  sweep(folder)
  // Several processes may be at it at once.
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(sources))
  renameSync(draft, path)
  return { path, sources }
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
