import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../broker/until.ts'
import { checkJson, labCommand, Submission, startLab } from './lab.ts'

const LESSON = '04-ack-consumer'
const EARLY = 'acknowledges a task when its work is done, not before'
const EMBEDDED = ['--broker', 'embedded']
const UNICODE = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TERM: 'xterm' }

/**
 * An exercise that asks, once in each play, whether to be wrong now: it then acknowledges one task of one scenario when it
 * comes. The exercise may read nothing but itself and the lab, but use the network.
 */
async function sometimesWrong(isWrong: (nth: number) => boolean) {
  let asked = 0
  const server = createServer((_request, response) => response.end(isWrong(++asked) ? 'wrong' : 'right'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const submission = new Submission({
    [`${LESSON}/exercise.ts`]: `
      export async function consumeTasks(channel, queue, handle) {
        const settle = (how, message) => { try { channel[how](message) } catch {} }
        const { consumerTag } = await channel.consume(queue, async (message) => {
          if (message === null) return
          const task = message.content.toString()
          const answer = task === 'resize photo 3' ? await fetch('http://127.0.0.1:${(server.address() as AddressInfo).port}') : undefined
          const isEarly = (await answer?.text()) === 'wrong'
          if (isEarly) settle('ack', message)
          try {
            await handle(task)
            if (!isEarly) settle('ack', message)
          } catch {
            settle('nack', message)
          }
        })
        return consumerTag
      }
    `,
  })
  const records = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))
  return {
    args: [LESSON, '--tree', submission.tree, '--record', records],
    records,
    asked: () => asked,
    [Symbol.dispose]() {
      submission[Symbol.dispose]()
      rmSync(records, { recursive: true, force: true })
      server.closeAllConnections()
      server.close()
    },
  }
}

test('what fails sometimes is counted; its recordings are kept, and judged again with the same verdict', async () => {
  using exercise = await sometimesWrong((nth) => nth === 2 || nth === 3)
  const { report, code } = await checkJson([...exercise.args, ...EMBEDDED, '--times', '4', '--seed', '4711'])
  expect(code).toBe(1)
  expect(exercise.asked()).toBe(4)
  expect(report.lessons).toMatchObject([
    { lesson: LESSON, verdict: 'failed', working: false, times: { played: 4, passed: 2, failed: 2 } },
  ])
  const { times } = report
  expect(times).toMatchObject({ wanted: 4, played: 4, passed: 2, failed: 2, seed: 4711, recordings: exercise.records })
  expect(times?.expectations).toEqual([
    {
      lesson: LESSON,
      step: 1,
      title: EARLY,
      failed: 2,
      misconception: 'acks-early',
      message: expect.stringMatching(/\S/),
    },
  ])
  const worst = report.lessons[0]?.expectations.filter(({ verdict }) => verdict === 'failed')
  expect(worst).toMatchObject([{ title: EARLY, message: times?.expectations[0]?.message, trace: expect.any(Array) }])

  const { kept = [] } = times ?? {}
  expect(kept.map(({ folder }) => folder).sort()).toEqual(
    readdirSync(exercise.records).map((name) => join(exercise.records, name)),
  )
  expect(kept.map(({ events }) => events)).toEqual(kept.map(({ events }) => events).sort((one, other) => one - other))
  const first = await checkJson(['--from', kept[0]?.folder ?? ''])
  expect(first.code).toBe(1)
  expect(first.report.lessons).toMatchObject([{ lesson: LESSON, verdict: 'failed' }])
  const failed = first.report.lessons[0]?.expectations.filter(({ verdict }) => verdict === 'failed')
  expect(failed?.map(({ title }) => title)).toEqual([EARLY])
  const all = await checkJson(['--from', exercise.records])
  expect(all.code).toBe(1)
  expect(all.report.times).toEqual({
    ...times,
    ...{ wanted: 2, played: 2, passed: 0, seed: null, durationMs: expect.any(Number) },
  })
})

test('what passes every time has passed: exit code 0, and the seed is told', async () => {
  const ran = await labCommand(
    ['check', '4', '--tree', 'solutions', ...EMBEDDED, '--times', '2', '--seed', '12'],
    UNICODE,
  )
  expect(ran.code).toBe(0)
  expect(ran.stdout).toMatch(
    /^04 .*\n\n✔ 2 of 2 plays passed on Cluster Up embedded broker .*\n\nIt took .*\b12: --seed 12 repeats\s+them\.\n$/s,
  )
})

test('several lessons are played in turn, each so often', async () => {
  const { report, code } = await checkJson(['4', '8', '--tree', 'solutions', ...EMBEDDED, '--times', '1'])
  expect(code).toBe(0)
  expect(report.lessons).toMatchObject([
    { lesson: LESSON, verdict: 'passed', times: { played: 1, passed: 1, failed: 0 } },
    { lesson: '08-failed-tasks', verdict: 'passed', times: { played: 1, passed: 1, failed: 0 } },
  ])
  expect(report.times).toMatchObject({ wanted: 2, played: 2, passed: 2, expectations: [], recordings: null, kept: [] })
})

test('Ctrl-C ends it, and what is known by then is told', async () => {
  using exercise = await sometimesWrong(() => true)
  const running = startLab(['check', ...exercise.args, ...EMBEDDED, '--times', '500'], UNICODE)
  let printed = ''
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const closed = once(running, 'close')
  await until('a play to have failed', () => readdirSync(exercise.records).length > 0)
  // As npm passes it on, beside the terminal.
  for (let i = 0; i < 2; i++) running.kill('SIGINT')
  expect(await closed).toEqual([1, null])
  expect(printed).toMatch(/✘ 0 of (\d+) plays? passed .*✘ \1 of \1: acknowledges a task .*npm run check -- 4 --from /s)
  expect(printed).toMatch(/Ended early, after \d+ of 500 plays\./)
})
