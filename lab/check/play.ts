import type { Broker } from '../broker/broker.ts'
import { NeverCame, Recorder } from '../recording/recorder.ts'
import type { Recording } from '../recording/recording.ts'
import { StudentGone } from '../student/gone.ts'
import type { Spares } from '../student/spares.ts'
import type { PlayConfig } from './config.ts'
import { NotPlayed } from './not-played.ts'
import type { Scenario } from './scenario.ts'
import { Stage } from './stage.ts'

/** What a scenario is played with. */
export interface Props {
  broker: Broker
  lesson: string
  config: PlayConfig
  spares: Spares
  /** Told when the scenario has come to where it waits for a restart. */
  wantsRestart?: () => void
}

/** Plays a scenario. It ends early, without an error, when the student's process is gone or something never came. */
export async function play(scenario: Scenario, props: Props): Promise<Recording> {
  const recorder = new Recorder()
  let notPlayed: string | undefined
  const { restarts, spelling, mayFork, name } = scenario
  {
    await using spares = props.spares.lot(scenario.students)
    await using stage = await Stage.open({ ...props, spares, recorder, restarts, spelling, mayFork })
    try {
      await scenario.play(stage)
    } catch (error) {
      if (error instanceof NotPlayed) notPlayed = error.message
      else if (!(error instanceof NeverCame) && !(error instanceof StudentGone)) throw error
    }
    // What happens while the stage is taken down is no part of the play.
    recorder.stop()
  }
  const { kind, product, version } = props.broker.info
  return {
    format: 2,
    lesson: props.lesson,
    scenario: name,
    broker: { kind, product, version },
    ...(notPlayed === undefined ? {} : { notPlayed }),
    events: recorder.events,
  }
}
