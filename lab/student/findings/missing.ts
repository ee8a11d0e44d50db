import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Finding } from './finding.ts'
import { MOST_BYTES } from './source.ts'

/** What lies beside exercises without being anybody's work: starters, and programs that lessons let a student run. */
const OF_THE_LAB = ['starter.ts', 'forty-services.ts', 'side-by-side.ts']

/** What keeps the exercise from being read; undefined where nothing does. */
export function notReadable(path: string): Finding | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return missing(path)
  const wrong = stat.isDirectory()
    ? 'is a folder'
    : !stat.isFile()
      ? 'is not a file'
      : stat.size > MOST_BYTES
        ? `has ${Math.round(stat.size / MOST_BYTES)} MiB`
        : undefined
  if (wrong === undefined) return undefined
  return {
    id: 'file-missing',
    sentence: `${path} ${wrong}.`,
    detail: 'An exercise is one text file, with a few hundred lines at most.',
  }
}

function missing(path: string): Finding {
  const other = misnamed(path)
  if (other !== undefined) {
    return {
      id: 'file-missing',
      sentence: `There is no file ${path}, but there is ${other} next to it.`,
      detail: `Rename it to ${basename(path)}: the lab runs only that file. Plain JavaScript in it is fine.`,
    }
  }
  return {
    id: 'file-missing',
    sentence: `There is no file ${path} yet.`,
    detail:
      "Copy the lesson's starter.ts to that name, or open the lesson in the menu (npm run lab), which does it for you.",
  }
}

/** The file that was most likely meant to be the exercise; undefined where the exercise is there, or nothing like it. */
export function misnamed(path: string): string | undefined {
  const names = filesIn(dirname(path))
  if (names.includes(basename(path))) return undefined
  const like = names.find((name) => /^(exercise|excercise|exercize|excersise)\b.*\.([mc]?[jt]sx?|txt)$/i.test(name))
  const sources = names.filter((name) => /\.[mc]?[jt]sx?$/.test(name) && !OF_THE_LAB.includes(name))
  return like ?? (sources.length === 1 ? sources[0] : undefined)
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile())
  } catch {
    return []
  }
}
