import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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

function fileName(scenario: string): string {
  return `${scenario.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.json`
}
