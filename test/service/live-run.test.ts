import { expect, test } from 'vitest'
import type { LiveRun } from '../../lab/service/live-run.ts'
import { toldOf } from '../../lab/web/run-page.ts'
import { SolutionRunner } from '../web/runner.ts'

/** Resolves as soon as one of its lines has the text. */
async function happens(run: LiveRun, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => run.lines.some((line) => line.text.includes(text)) && resolve()
  const stop = run.listen(look)
  look()
  await promise
  stop()
}

test('a run tells what happened once, and at its end its service is gone for good', async () => {
  await using runner = new SolutionRunner('05-first-service')
  const run = await runner.open()
  await happens(run, '[*] Waiting for messages')
  await run.send('resize\u001b[2J')
  await happens(run, 'basic.ack')
  const all = toldOf(run, 0)
  expect(all.lines.map(({ nth }) => nth)).toEqual(all.lines.map((_, i) => i + 1))
  expect(all.lines).toContainEqual(expect.objectContaining({ from: 'service', text: ' [x] Received resize␛[2J' }))
  expect(all.lines).toContainEqual(expect.objectContaining({ from: 'to broker', text: 'basic.ack (deliveryTag 1)' }))
  expect(toldOf(run, all.lines.length - 1).lines).toHaveLength(run.lines.length - all.lines.length + 1)
  await run[Symbol.asyncDispose]()
  expect(run.lines.at(-1)?.text).toContain('Your service ended with exit code 0.')
  run.do('start')
  await run.send('too late')
  expect(run.standing.state).toBe('down')
})

test('on a broker without nodes lesson 14 runs, and says plainly that there are none', async () => {
  await using runner = new SolutionRunner('14-replicated-queue')
  await using run = await runner.open()
  await happens(run, '[*] Waiting for messages')
  expect(run.lines[0]?.text).toBe(
    "The embedded broker runs alone and can't form a cluster. So this run has no nodes to stop, and your service gets the address of the one broker three times.",
  )
  expect(toldOf(run, 0).nodes).toEqual([])
  expect(run.actions).toContain('restart')
  await run.send('replicated')
  await happens(run, '[x] Done with replicated')
})
