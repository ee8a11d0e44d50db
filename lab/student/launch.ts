import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Limits } from './limits.ts'
import { earlierLessons, type Setting } from './protocol.ts'

const PRELOAD = new URL('./preload.mjs', import.meta.url).href

/** How Node is started for a student's process. */
export function nodeFlags(setting: Setting, exercise: string, bundle: string, limits: Limits): string[] {
  const lab = fileURLToPath(setting.lab)
  const readable = [
    `${lab}node_modules`,
    `${lab}lab`,
    `${lab}checks`,
    `${lab}package.json`,
    ...earlierLessons(setting).map((lesson) => fileURLToPath(new URL(lesson, setting.solutions))),
    fileURLToPath(setting.tree),
    dirname(exercise),
    bundle,
  ]
  return [
    // A submission may use the network and read itself and the lab, and nothing else.
    '--permission',
    '--allow-net',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    `--max-old-space-size=${limits.heapMiB}`,
    `--import=${PRELOAD}`,
  ]
}

/** What a process needs to run at all; nothing of the lab's or the instructor's own. */
export function baseEnvironment(): Record<string, string> {
  const names = process.platform === 'win32' ? ['SystemRoot', 'Path', 'TEMP'] : ['PATH', 'TZ', 'LANG']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}
