import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { cached } from './cached.ts'
import { compiledAmqplib } from './compiled.ts'
import { isSource } from './findings/source.ts'
import { earlierLessons, type Setting } from './protocol.ts'

/** Where the lab's own part of a student's process begins. */
const OWN = ['preload.ts', 'child.ts'].map(beside)
/** And what comes before it, in plain JavaScript. */
const PLAIN = ['preload.mjs', 'sources.mjs'].map(beside)

/** Holds what a process loads first, as JSON: see Bundles. */
export const BUNDLES_VARIABLE = 'CLUSTER_UP_BUNDLES'

/** The paths of the files that a process loads first. */
export interface Bundles {
  /** Of bundles: JavaScript by file: URL, as JSON. */
  sources: string[]
  /** Of amqplib, compiled. */
  amqplib: string
}

/** What is the lab's own in a student's process. */
interface LabPart {
  bundles: Bundles
  /** The files that went into them, and those that are read beside them: no other file of the lab's is. */
  files: string[]
}

/** JavaScript by file: URL, and the file that keeps it. */
export interface Bundle {
  path: string
  sources: Record<string, string>
}

/** By the lab's folder and the driver. Neither the lab nor its packages change while it runs. */
const known = new Map<string, LabPart>()

/** The lab's own part of a student's process. */
export async function labPart(driver: string | undefined, setting: Setting): Promise<LabPart> {
  const key = `${setting.lab} ${driver}`
  const before = known.get(key)
  // Files that nobody has used for a day go.
  if (before && pathsOf(before.bundles).every((path) => existsSync(path))) return before
  const texts = withImports(driver === undefined ? OWN : [...OWN, driver])
  const [{ path }, amqplib] = await Promise.all([bundleOf(texts, setting), compiledAmqplib(setting)])
  const part = { bundles: { sources: [path], amqplib }, files: [...texts.keys(), ...PLAIN] }
  known.set(key, part)
  return part
}

/** The paths of all these files. */
export function pathsOf({ sources, amqplib }: Bundles): string[] {
  return [...sources, amqplib]
}

function beside(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url))
}

/** The exercise, and the earlier lessons that it, or one of them, imports. */
export function exerciseBundle(exercise: string, setting: Setting): Promise<Bundle> {
  const earlier = earlierLessons(setting)
  const found = new Set([exercise])
  const texts = new Map<string, string>()
  for (const file of found) {
    if (!isSource(file)) continue
    const text = readFileSync(file, 'utf8')
    texts.set(file, text)
    for (const lesson of earlier.filter((name) => text.includes(`${name}/exercise`))) {
      for (const tree of [setting.tree, setting.solutions]) {
        found.add(fileURLToPath(new URL(`${lesson}/exercise.ts`, tree)))
      }
    }
  }
  return bundleOf(texts, setting)
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

/** Takes the types out of these files, once for all the processes of a check. */
async function bundleOf(files: Map<string, string>, setting: Setting): Promise<Bundle> {
  const texts = [...files].map(([file, text]) => [pathToFileURL(file).href, text] as const)
  const path = await cached(setting, {
    of: texts,
    ending: 'json',
    make: async () => JSON.stringify(Object.fromEntries(texts.flatMap(([url, text]) => withoutTypes(url, text)))),
    isWhole: (content) => parsed(content) !== undefined,
  })
  return { path, sources: parsed(readFileSync(path)) ?? {} }
}

function parsed(content: Buffer): Bundle['sources'] | undefined {
  try {
    return JSON.parse(content.toString()) as Bundle['sources']
  } catch {
    return undefined
  }
}

function withoutTypes(url: string, text: string): [string, string][] {
  try {
    return [[url, stripTypeScriptTypes(text, { mode: 'strip', sourceUrl: url })]]
  } catch {
    // The process meets the same error, and tells it in full.
    return []
  }
}
