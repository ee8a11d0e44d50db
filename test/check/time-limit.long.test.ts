import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { notInTime } from '../../lab/check/not-in-time.ts'
import { scenario } from '../../lab/check/scenario.ts'
import { Session } from '../../lab/check/session.ts'
import type { Shortfall } from '../../lab/check/shortfall.ts'
import { TimeIsUp, TimeLimit, timeFor } from '../../lab/check/time-limit.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { Recorder } from '../../lab/recording/recorder.ts'
import type { RecordedEvent, Recording } from '../../lab/recording/recording.ts'
import { reportText } from '../../lab/report/text.ts'
import { ROOT } from '../../lab/root.ts'
import { Submission } from './lab.ts'

describe('the time that a check has', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  const idle = { now: () => performance.now(), slowness: () => 1 }
  const never = () => new Promise<never>(() => {})
  /** What became of a play so far. */
  function follow(playing: Promise<unknown>) {
    const seen = { outcome: 'playing' }
    playing.then(
      () => (seen.outcome = 'over'),
      (error: unknown) => (seen.outcome = error instanceof TimeIsUp ? 'cut off' : String(error)),
    )
    return seen
  }

  test('is two minutes, and four where a cluster is needed', () => {
    const play = async () => {}
    expect(timeFor([scenario('one', play)])).toBe(120_000)
    expect(timeFor([scenario('one', play), scenario('other', play, { needs: ['cluster'] })])).toBe(240_000)
  })

  test('is spent by all of its scenarios together', async () => {
    const time = new TimeLimit(10_000, idle)
    const [one, other] = [follow(time.during(never)), follow(time.during(never))]
    const soon = follow(time.during(async () => 'done'))
    await vi.advanceTimersByTimeAsync(9_900)
    expect([one.outcome, other.outcome, soon.outcome]).toEqual(['playing', 'playing', 'over'])
    await vi.advanceTimersByTimeAsync(200)
    expect([one.outcome, other.outcome]).toEqual(['cut off', 'cut off'])
    await expect(time.during(never)).rejects.toThrow(TimeIsUp)
  })

  test('stands still while all wait for others, and not while one of them plays', async () => {
    const time = new TimeLimit(10_000, idle)
    const others = Promise.withResolvers<void>()
    const waits = follow(time.during(() => time.waiting(others.promise).then(never)))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(waits.outcome).toBe('playing')
    const plays = follow(time.during(never))
    await vi.advanceTimersByTimeAsync(6_000)
    others.resolve()
    await vi.advanceTimersByTimeAsync(3_900)
    expect([waits.outcome, plays.outcome]).toEqual(['playing', 'playing'])
    await vi.advanceTimersByTimeAsync(200)
    expect([waits.outcome, plays.outcome]).toEqual(['cut off', 'cut off'])
  })

  test('is longer on a busy machine', async () => {
    const time = new TimeLimit(10_000, { ...idle, slowness: () => 3 })
    const plays = follow(time.during(never))
    await vi.advanceTimersByTimeAsync(29_000)
    expect(plays.outcome).toBe('playing')
    await vi.advanceTimersByTimeAsync(1_500)
    expect(plays.outcome).toBe('cut off')
  })
})

test('a recording that is cut off says so at its end; nobody waits for anything in it any more', async () => {
  const recorder = new Recorder()
  let woken = false
  const wake = () => {
    woken = true
  }
  recorder.waitFor('a mark', ({ kind }) => kind === 'mark', { limitMs: 1 }).then(wake, wake)
  recorder.cutOff(120_000)
  recorder.note({ kind: 'mark', name: 'too late' })
  recorder.waitFor('the cut', ({ kind }) => kind === 'cut-off').then(wake, wake)
  expect(recorder.events.map(({ kind }) => kind)).toEqual(['cut-off'])
  const other = new Recorder()
  await expect(other.waitFor('nothing', () => false, { limitMs: 50 })).rejects.toThrow('waited 50 ms')
  expect(woken).toBe(false)
})

describe('what a recording that was cut off is judged by', () => {
  const frame: RecordedEvent = {
    kind: 'frame',
    ms: 100,
    from: 'student',
    connection: 1,
    channel: 1,
    method: 'basic.ack',
    fields: {},
  }
  const vain: RecordedEvent = { kind: 'awaited', ms: 5000, what: 'an ack', limitMs: 4000, instead: [] }
  const recent: RecordedEvent = { kind: 'told', ms: 119_000, student: 1, name: 'lost', data: { name: 'one' } }
  const cut: RecordedEvent = { kind: 'cut-off', ms: 120_000, limitMs: 120_000 }

  function recording(name: string, ...events: RecordedEvent[]): Recording {
    const broker = { kind: 'embedded', product: 'none', version: '1' }
    return { format: 2, lesson: '04-ack-consumer', scenario: name, broker, events }
  }
  const slow = recording('slow', frame, vain, recent, cut)
  const quick = recording('quick', { ...frame })
  const of = (shortfall: Shortfall | undefined, ...recordings: Recording[]) => notInTime(recordings, shortfall)

  test('an expectation that is met so far is not judged, and neither is one that may still be met', () => {
    expect(of(undefined, slow)).toMatchObject({ cutOff: ['slow'] })
    expect(of({ seen: 'It did not come so far.' }, slow)).toMatchObject({ cutOff: ['slow'] })
    expect(of({ seen: 'No ack came.', show: [frame, recent], instead: 'an ack' }, slow)).toBeDefined()
    expect(of(undefined, quick, slow)).toMatchObject({ cutOff: ['slow'] })
  })

  test('it says which scenario, after how long, and shows how far it had come', () => {
    const { message, trace = [] } = of(undefined, slow) ?? {}
    expect(message).toMatch(
      /^Not judged in time: the lab cut off the scenario 'slow' after two minutes, the limit for a whole check\. /,
    )
    expect(trace.map(({ method }) => method)).toEqual(['basic.ack', 'awaited.in-vain', 'told.lost', 'cut-off'])
    const both = of(undefined, slow, recording('other', { ...cut, limitMs: 240_000 }))
    expect(both?.message).toContain("the lab cut off the scenarios 'slow' and 'other' after two minutes")
    expect(both?.cutOff).toEqual(['slow', 'other'])
  })

  test.each<[string, Shortfall]>([
    ['a frame that is wrong by itself', { seen: '', show: [frame], wrong: { event: frame, instead: 'no ack' } }],
    ['what the lab awaited in vain before', { seen: '', show: [frame, vain] }],
    ['what happened long ago, and nothing followed', { seen: '', show: [frame], instead: 'an ack' }],
  ])('it has failed by %s', (_title, shortfall) => expect(of(shortfall, slow)).toBeUndefined())

  test('it has failed by the evidence of another scenario, which was not cut off', () => {
    expect(of({ seen: '', show: [...quick.events] }, quick, slow)).toBeUndefined()
  })

  test('where none was cut off, it is judged as it is', () => {
    expect(of(undefined, quick)).toBeUndefined()
    expect(of({ seen: 'It did not come so far.' }, quick)).toBeUndefined()
  })
})

async function sessionOnEmbedded(): Promise<Session> {
  const exports = Object.fromEntries((await lessons(ROOT)).map(({ name, exports }) => [name, exports]))
  const session = new Session({ root: ROOT, broker: { kind: 'embedded' }, exports })
  await session.broker
  return session
}

test('wherever it is cut off, a right exercise has not failed', async () => {
  await using session = await sessionOnEmbedded()
  for (const lesson of ['04-ack-consumer', '08-failed-tasks', '11-recovery']) {
    for (const limitMs of [50, 200, 600]) {
      const wanted = { lessons: [lesson], tree: join(ROOT, 'solutions'), limitMs, directly: true }
      const [found] = (await session.check(wanted)).lessons
      const verdicts = new Set(found?.expectations.map(({ verdict }) => verdict))
      expect([...verdicts].sort(), `${lesson} in ${limitMs} ms`).not.toContain('failed')
      expect(found?.verdict, `${lesson} in ${limitMs} ms`).toMatch(/^(passed|not-judged)$/)
    }
  }
})

/** It would be judged for a while: the lab waits for its handler in each scenario. */
const SLOW = `
export async function consumeTasks(channel, queue) {
  await new Promise((resolve) => setTimeout(resolve, 3600_000))
}
`

test('a check whose time is up ends: no tick, no fault, and a word on each scenario; the next one begins at once', async () => {
  const lesson = '04-ack-consumer'
  await using session = await sessionOnEmbedded()
  using submission = new Submission({ [`${lesson}/exercise.ts`]: SLOW })
  const report = await session.check({ lessons: [lesson], tree: submission.tree, limitMs: 1500 })
  const [found] = report.lessons
  expect(found).toMatchObject({ verdict: 'not-judged', working: false })
  expect(found?.expectations.map(({ verdict }) => verdict)).toEqual(found?.expectations.map(() => 'not-judged'))
  expect(found?.expectations[0]).toMatchObject({
    message: expect.stringContaining("'the worker is killed in the middle of its work'"),
    cutOff: expect.arrayContaining(['the worker is killed in the middle of its work']),
  })
  const text = reportText(report, { width: 100, colour: false, unicode: true })
  expect(text).toMatch(/Not judged in time: the lab cut off the scenarios? '[\s\S]*after\s+1.5\s+s/)
  expect(text).toContain('the lab cuts the scenario off')
  expect(text).not.toContain('✔')
  expect(text).toMatch(/(\d+)\sof\s\1\sexpectations\sweren't\sjudged\sin\stime\.\sThat\sisn't\sa\spass\./)
  const next = await session.check({ lessons: [lesson], tree: join(ROOT, 'solutions') })
  expect(next.lessons[0]?.verdict).toBe('passed')
})
