import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recording } from '../recording/recording.ts'

/** Keeps a recording as DIR/LESSON/SCENARIO.json. */
export function keep(directory: string, recording: Recording): void {
  const folder = join(directory, recording.lesson)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, fileName(recording.scenario)), `${JSON.stringify(recording, null, 1)}\n`)
}

/** In place of a folder: every scenario left an empty recording. What passes on it would pass without evidence. */
export const NOTHING = 'nothing:'

/** Reads a recording that was kept. @throws when it is not there or is of another format */
export function kept(directory: string, lesson: string, scenario: string): Recording {
  if (directory === NOTHING) {
    return { format: 2, lesson, scenario, broker: { kind: 'none', product: 'none', version: 'none' }, events: [] }
  }
  const path = join(directory, lesson, fileName(scenario))
  const recording = JSON.parse(readFileSync(path, 'utf8')) as Recording
  if (recording.format !== 2 || !Array.isArray(recording.events))
    throw new Error(`${path} is not a recording of format 2`)
  return recording
}

/** As kept(); undefined where nothing was kept: a scenario that could not be played left nothing. */
export function keptIfThere(directory: string, lesson: string, scenario: string): Recording | undefined {
  try {
    return kept(directory, lesson, scenario)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Keeps the recordings of a play, one of many, in a folder of its own: DIR/00412-events-seed-4711/LESSON/SCENARIO.json. Such
 * names sort the plays by the number of their events, and say what plays them again.
 *
 * @returns the folder, from which the play can be judged again
 */
export function keepPlay(directory: string, play: { events: number; seed: number; recordings: Recording[] }): string {
  const folder = join(directory, `${String(play.events).padStart(5, '0')}-events-seed-${play.seed}`)
  for (const recording of play.recordings) keep(folder, recording)
  return folder
}

/** The plays that are kept in a folder, those with the fewest events first; `lessons`: those that each is of. */
export function keptPlays(directory: string): { folder: string; events: number; lessons: string[] }[] {
  return foldersIn(directory)
    .flatMap((name) => {
      const [, events] = /^(\d+)-events-seed-\d+$/.exec(name) ?? []
      const folder = join(directory, name)
      return events === undefined ? [] : [{ folder, events: Number(events), lessons: foldersIn(folder) }]
    })
    .toSorted((one, other) => one.events - other.events)
}

/** The names of the lessons that something is kept of in a folder, which may be one of plays. */
export function keptLessons(directory: string): string[] {
  const plays = keptPlays(directory)
  return plays.length > 0 ? plays.flatMap(({ lessons }) => lessons) : foldersIn(directory)
}

function foldersIn(directory: string): string[] {
  if (!existsSync(directory)) return []
  const entries = readdirSync(directory, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : []))
}

function fileName(scenario: string): string {
  return `${scenario.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.json`
}
