import type { Broker } from '../broker/broker.ts'
import { Jitter } from '../jitter.ts'
import { NeverCame, Recorder } from '../recording/recorder.ts'
import type { Recording } from '../recording/recording.ts'
import { StudentGone } from '../student/gone.ts'
import type { ProcessPool } from '../student/pool.ts'
import type { PlayConfig } from './config.ts'
import type { Enclosure } from './enclosure.ts'
import { NotPlayed } from './not-played.ts'
import type { Scenario } from './scenario.ts'
import { Stage } from './stage.ts'
import { TimeIsUp, type TimeLimit } from './time-limit.ts'

/** What a scenario is played with. */
export interface Props {
  broker: Broker
  lesson: string
  config: PlayConfig
  pool: ProcessPool
  /** Where the student's processes run. */
  enclosure: Enclosure
  /** The time that the scenarios of the check have together. */
  time: TimeLimit
  /** Told when the scenario has come to where it waits for a restart. */
  wantsRestart?: () => void
}

/** How a play may end early, without an error. */
const EARLY_ENDS = [NeverCame, StudentGone, TimeIsUp]

/** Plays a scenario. It ends early when the student's process is gone, something never came, or the check's time is up. */
export async function play(scenario: Scenario, props: Props): Promise<Recording> {
  const recorder = new Recorder()
  let notPlayed: string | undefined
  try {
    await playOn(recorder, scenario, props)
  } catch (error) {
    if (error instanceof NotPlayed) notPlayed = error.message
    else if (!EARLY_ENDS.some((End) => error instanceof End)) throw error
    // Its time may have been up before it had its turn.
    if (error instanceof TimeIsUp) recorder.cutOff(props.time.limitMs)
  }
  const { kind, product, version } = props.broker.info
  return {
    format: 2,
    lesson: props.lesson,
    scenario: scenario.name,
    broker: { kind, product, version },
    ...(notPlayed === undefined ? {} : { notPlayed }),
    events: recorder.events,
  }
}

async function playOn(recorder: Recorder, scenario: Scenario, props: Props): Promise<void> {
  const { restarts, spelling, mayFork, students, name } = scenario
  const { time } = props
  const { seed } = props.config
  const jitter = seed === null ? undefined : new Jitter(seed, props.lesson, name)
  await using pool = props.pool.reserve(students)
  await using stage = await Stage.open({ ...props, pool, recorder, restarts, spelling, mayFork, jitter })
  try {
    await time.during(() => Promise.race([scenario.play(stage), recorder.full]))
  } catch (error) {
    if (error instanceof TimeIsUp) recorder.cutOff(time.limitMs)
    throw error
  } finally {
    // What happens while the stage is taken down is no part of the play.
    recorder.stop()
  }
}
