import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Broker } from '../broker/broker.ts'
import { NeverCame, Recorder } from '../recording/recorder.ts'
import type { Recording } from '../recording/recording.ts'
import { StudentGone } from '../student/student.ts'
import type { CheckConfig } from './config.ts'
import type { Need } from './needs.ts'
import { Stage } from './stage.ts'

export interface Scenario {
  name: string
  /** True for one that restarts the broker: it then takes turns with the others. */
  restarts: boolean
  spelling: 'plain' | 'odd'
  /** What not every machine has; without it the scenario is not judged there. */
  needs: Need[]
  play: (stage: Stage) => Promise<void>
}

/** Plays a scenario. It ends early, without an error, when the student's process is gone or something never came. */
export async function play(
  scenario: Scenario,
  { broker, lesson, config, signal }: { broker: Broker; lesson: string; config: CheckConfig; signal: AbortSignal },
): Promise<Recording> {
  const recorder = new Recorder()
  const { restarts, spelling } = scenario
  {
    await using stage = await Stage.open({ recorder, broker, lesson, config, restarts, spelling, signal })
    try {
      await scenario.play(stage)
    } catch (error) {
      if (!(error instanceof NeverCame) && !(error instanceof StudentGone)) throw error
    }
    // What happens while the stage is taken down is no part of the play.
    recorder.stop()
  }
  const { kind, product, version } = broker.info
  return { format: 1, lesson, scenario: scenario.name, broker: { kind, product, version }, events: recorder.events }
}

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
    return { format: 1, lesson, scenario, broker: { kind: 'none', product: 'none', version: 'none' }, events: [] }
  }
  const path = join(directory, lesson, fileName(scenario))
  const recording = JSON.parse(readFileSync(path, 'utf8')) as Recording
  if (recording.format !== 1 || !Array.isArray(recording.events))
    throw new Error(`${path} is not a recording of format 1`)
  return recording
}

function fileName(scenario: string): string {
  return `${scenario.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.json`
}
