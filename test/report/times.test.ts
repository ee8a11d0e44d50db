import { expect, test } from 'vitest'
import { type CheckReport, type ExpectationReport, exitCode, type LessonReport } from '../../lab/report/report.ts'
import { type Play, timesReport } from '../../lab/report/times.ts'
import { timesText } from '../../lab/report/times-text.ts'

const THEME = { width: 80, colour: false, unicode: true }
const BROKER = { kind: 'container', product: 'RabbitMQ', version: '4.3.6' }
const FIRST = 'acknowledges a task when its work is done'
const SECOND = 'brings back a task whose handler failed'

function play(
  { lesson = '04-ack-consumer', ...failures }: { lesson?: string; [title: string]: string | undefined } = {},
  {
    events = 0,
    verdict = Object.keys(failures).length > 0 ? 'failed' : 'passed',
  }: Partial<Play> & Partial<LessonReport> = {},
): Play {
  const expectations = [FIRST, SECOND].map((title, i): ExpectationReport => {
    const message = failures[title]
    const about = { step: i + 1, title }
    return message === undefined
      ? { ...about, verdict: 'passed' }
      : { ...about, verdict: 'failed', message, misconception: 'acks-early' }
  })
  return {
    report: {
      lesson,
      verdict,
      working: failures[FIRST] === undefined,
      durationMs: 900,
      solutionsUsed: [],
      expectations,
    },
    broker: BROKER,
    events,
    ...(verdict === 'failed' ? { folder: `/kept/${events}-events` } : {}),
  }
}

const ABOUT = { wanted: 4, durationMs: 61_234, seed: 4711, recordings: '/kept' }

function summedUp(plays: Play[], about: Partial<typeof ABOUT> = {}) {
  const report = timesReport(plays, { ...ABOUT, ...about })
  return { report, text: timesText(report as Parameters<typeof timesText>[0], THEME) }
}

test('each expectation counts by itself, and is told as it was in the play with the fewest events', () => {
  const { report, text } = summedUp([
    play({ [FIRST]: 'Of many events.', [SECOND]: 'Of many events, too.' }, { events: 900 }),
    play(),
    play({ [FIRST]: 'Of few events.' }, { events: 80 }),
    play(),
  ])
  expect(report.times?.expectations.map(({ title, failed, message }) => ({ title, failed, message }))).toEqual([
    { title: FIRST, failed: 2, message: 'Of few events.' },
    { title: SECOND, failed: 1, message: 'Of many events, too.' },
  ])
  expect(report.lessons).toMatchObject([
    {
      verdict: 'failed',
      working: false,
      expectations: [
        { title: FIRST, verdict: 'failed', message: 'Of few events.' },
        { title: SECOND, verdict: 'failed' },
      ],
    },
  ])
  expect(exitCode(report)).toBe(1)
  expect(text).toBe(`04-ack-consumer

✘ 2 of 4 plays passed on RabbitMQ 4.3.6 (container).

  ✘ 2 of 4: acknowledges a task when its work is done (acks-early)
      Of few events.

  ✘ 1 of 4: brings back a task whose handler failed (acks-early)
      Of many events, too.

The recordings of the failures are in /kept, those with the fewest events first:
  80-events
  900-events

To see what happened in the first, or to judge all of them again:
  npm run check -- 4 --from /kept/80-events
  npm run check -- --from /kept

It took 61.2 s, with timings from seed 4711: --seed 4711 repeats them.
`)
})

test('one line for each lesson that passed every time', () => {
  const { report, text } = summedUp([play(), play({ lesson: '02-retrying-connection' }), play(), play()], {})
  expect(exitCode(report)).toBe(0)
  expect(text).toBe(`02-retrying-connection

✔ 1 of 1 play passed on RabbitMQ 4.3.6 (container).

04-ack-consumer

✔ 3 of 3 plays passed on RabbitMQ 4.3.6 (container).

It took 61.2 s, with timings from seed 4711: --seed 4711 repeats them.
`)
})

test('a play that was not judged, or not played, is no pass', () => {
  const broken = play({}, { verdict: 'error' })
  broken.report.reason = 'The broker was lost.\n    at lab'
  const { report, text } = summedUp([play(), broken])
  expect(report.lessons).toMatchObject([{ verdict: 'error', times: { played: 2, passed: 1, failed: 0 } }])
  expect(exitCode(report)).toBe(2)
  expect(text).toContain('– 1 of 2 plays passed on RabbitMQ 4.3.6 (container).\n')
  expect(text).toContain('\n  – 1 of 2 could not be judged. The broker was lost.\n')
  expect(text).toContain('\nEnded early, after 2 of 4 plays. It took 61.2 s')
  expect(exitCode(timesReport([play(), play()], ABOUT))).toBe(2)
  expect(exitCode(timesReport([play(), play()], { ...ABOUT, wanted: 2 }))).toBe(0)
})

test('ended before any play was over, it says so', () => {
  const { report, text } = summedUp([], { recordings: null as never })
  expect<CheckReport>(report).toMatchObject({
    broker: null,
    lessons: [],
    times: { played: 0, expectations: [], kept: [] },
  })
  expect(exitCode(report)).toBe(2)
  expect(text).toMatch(/^Ended early, after 0 of 4 plays\./)
})
