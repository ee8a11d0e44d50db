import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBroker } from '../../lab/broker/choose.ts'
import type { PlayConfig } from '../../lab/check/config.ts'
import { openEnclosure } from '../../lab/check/enclosure.ts'
import { launchOf } from '../../lab/check/launch.ts'
import { play } from '../../lab/check/play.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { TimeLimit } from '../../lab/check/time-limit.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { type Launcher, launch } from '../../lab/student/launch.ts'
import { ProcessPool } from '../../lab/student/pool.ts'

const LESSON = '03-durable-queue'

test('a scenario takes the process that was started ahead for it, and starts no other', async () => {
  const config: PlayConfig = {
    root: ROOT,
    tree: join(ROOT, 'solutions'),
    files: {},
    solutionsOnly: true,
    exports: Object.fromEntries((await lessons(ROOT)).map(({ name, exports }) => [name, exports])),
    only: [],
    record: null,
    seed: null,
  }
  let launched = 0
  const counting: Launcher = (how) => {
    launched++
    return launch(how)
  }
  await using broker = await openBroker({ kind: 'embedded', fresh: true })
  await using enclosure = await openEnclosure(config, LESSON)
  await using pool = new ProcessPool(counting)
  await pool.start(launchOf(config, LESSON, 'driver'), 1)
  const one = scenario('it answers', async (stage) => {
    await (await stage.student()).ping()
    stage.mark('answered')
  })
  const props = { broker, lesson: LESSON, config, pool, enclosure, time: new TimeLimit(60_000) }
  const { events } = await play(one, props)
  expect(events).toContainEqual(expect.objectContaining({ kind: 'mark', name: 'answered' }))
  expect(launched).toBe(1)
})
