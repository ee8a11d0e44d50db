import { expect, test } from 'vitest'
import { fortyServices } from '../../lessons/02-retrying-connection/forty-services.ts'
import { sideBySide } from '../../lessons/07-fair-dispatch/side-by-side.ts'
import { connectWithRetry } from '../../solutions/02-retrying-connection/exercise.ts'
import { consumeTasks } from '../../solutions/04-ack-consumer/exercise.ts'
import { consumeFairly } from '../../solutions/07-fair-dispatch/exercise.ts'

/** The programs that lessons give to students to try: what the texts say of them is true. */

test('forty services whose waits grow and vary are all connected in the end', async () => {
  const outcome = await fortyServices(connectWithRetry, { limitMs: 60_000 })
  expect(outcome).toMatchObject({ connected: 40, gaveUp: 0 })
})

test('forty services with a fixed wait are turned away when they all come at once', async () => {
  const fixed: typeof connectWithRetry = (url, options) =>
    connectWithRetry(url, { ...options, maxDelayMs: options.delayMs })
  const { attempts } = await fortyServices(fixed, { limitMs: 3000 })
  expect(attempts).toBeGreaterThan(40)
})

test('forty services that try once give up', async () => {
  const once: typeof connectWithRetry = (url, options) =>
    connectWithRetry(url, { ...options, signal: AbortSignal.timeout(50) })
  expect(await fortyServices(once)).toMatchObject({ connected: 0, gaveUp: 40 })
})

test('forty services that neither connect nor give up are cut off when the time is up', async () => {
  const outcome = await fortyServices(() => new Promise(() => {}), { limitMs: 300 })
  expect(outcome).toMatchObject({ connected: 0, gaveUp: 0 })
})

test('with a limit, the slow worker holds no more than it, and the fast one does more', async () => {
  const { shares } = await sideBySide(consumeFairly, 5)
  const [slow, fast] = shares.map(({ done, most }) => ({ done, most }))
  expect(slow?.most).toBeLessThanOrEqual(5)
  expect(fast?.most).toBeLessThanOrEqual(5)
  expect(fast?.done).toBeGreaterThan(slow?.done ?? 0)
})

test('without one, the worker that comes first does it all', async () => {
  const { shares } = await sideBySide((channel, queue, handle) => consumeTasks(channel, queue, handle), 5)
  expect(shares).toMatchObject([
    { name: 'slow', done: 200 },
    { name: 'fast', done: 0 },
  ])
})
