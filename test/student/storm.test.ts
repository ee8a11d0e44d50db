import { expect, test } from 'vitest'
import { Place } from './place.ts'

const STORM = `
import { spawn } from 'node:child_process'
export const connectWithRetry = () => {}
export const run = () => {
  for (let i = 0; i < 100; i++) spawn('sleep', ['987'], { detached: true, stdio: 'ignore' }).on('error', () => {}).unref()
}`

test.runIf(process.platform === 'linux')(
  'an exercise that starts processes without end is ended, and they are',
  async () => {
    using place = new Place(STORM)
    await using student = await place.start({ mayFork: true })
    student?.call('run')
    await student?.ends()
    expect(await place.finding()).toMatchObject({ id: 'many-processes' })
  },
)
