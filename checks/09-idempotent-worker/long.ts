import { setTimeout as sleep } from 'node:timers/promises'
import {
  isBefore,
  markOf,
  type Recording,
  type Shortfall,
  settlements,
  since,
  tasks,
  until,
} from '../../lab/check/evidence.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { inTurns } from '../../lab/check/turns.ts'
import { goOn } from '../../lab/recording/recorder.ts'
import { onFastClocks } from '../../lab/student/clocks.ts'
import { reached } from './evidence.ts'
import { CHANNEL, consume, INVOICE, of, publish, TURNS } from './scenarios.ts'

/** Work takes as long as it takes, and a copy may come at its end. */

/** By then more than 30 s have passed on fast clocks: see lab/student/clocks.ts. */
const LONG_MS = 3200
const FAST = 'its clocks run fast'

export const long = scenario('a copy comes when the work has taken half a minute', async (stage) => {
  const here = await consume(stage, { messages: [] })
  const { service } = here
  await service.ask('hurry')
  const fast = stage.mark(FAST)
  await publish(stage, [INVOICE])
  await stage.begun(1, here)
  const isTwice = () => tasks(stage.recorder).attempts.length > 1
  while (stage.recorder.now() - fast.ms < LONG_MS && !isTwice()) await sleep(20)
  await inTurns(service, TURNS, isTwice)
  await service.ask('calm')
  await publish(stage, [INVOICE])
  await inTurns(service, TURNS, isTwice)
  await service.roundTrip(CHANNEL)
  stage.mark('the copy had its time')
  service.finish('resolve', service.unfinished)
  const settled = () => of(stage.recorder, INVOICE).acks.length > 1 || isTwice()
  await stage.arrival('both copies to be acknowledged', settled, here).catch(goOn)
  stage.mark('the long work is done')
})

/** The work was begun once more while it was still in progress: it had been given up, or nobody knew of it any more. */
export function begunAgain(recording: Recording): Shortfall | undefined {
  const [first, second] = tasks(recording).attempts
  const done = markOf(recording, 'the copy had its time')
  const fast = markOf(recording, FAST)
  if (!first || !second || !fast || (done && !isBefore(recording, second.event, done))) {
    return reached(recording, 'the long work is done')
  }
  const own = (ms: number) => onFastClocks(ms - fast.ms)
  const [given] = settlements({ events: since(until(recording, second.event), first.event).events })
  const after = (ms: number) =>
    `about ${Math.round((own(ms) - own(first.event.ms)) / 1000)} s after its handler had begun, by its own clock (the lab makes it run fast)`
  const [, copy] = of(recording, INVOICE).deliveries
  return {
    seen: given
      ? `Your service gave '${first.task}' back to the queue ${after(given.ms)}. The task came again, and its handler was called a second time while the first was still working.`
      : `A copy of '${first.task}' arrived ${after(copy?.ms ?? second.event.ms)}. Your service called the handler for it, although the first was still working.`,
    looksLike: given ? 'gives-up-on-the-work' : 'in-progress-for-a-while',
    show: [first.event, given?.frame, copy?.frame, second.event],
    wrong: { event: second.event, instead: 'no work, because it is already in progress' },
  }
}
