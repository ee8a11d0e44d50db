import MarkdownIt from 'markdown-it'
import { expect, test } from 'vitest'
import { feedbackOf } from '../../lab/grade/feedback.ts'
import { type ClassSetting, graded } from '../../lab/grade/graded.ts'
import { feedbackMarkdown } from '../../lab/grade/markdown.ts'
import { OverviewBuilder } from '../../lab/grade/overview.ts'
import { overviewPage } from '../../lab/grade/page/overview-page.ts'
import { SCRIPT } from '../../lab/grade/page/script.ts'
import { studentPage } from '../../lab/grade/page/student-page.ts'
import type { PackedShow } from '../../lab/viewer/shared/film.ts'
import { EVIL, lessonRecord, record, report, sampleClass, seen, setting } from './sample.ts'

function overview(given: Partial<ClassSetting> = {}) {
  const builder = new OverviewBuilder(setting(given))
  for (const each of sampleClass()) builder.add(graded(each, setting(given)))
  return builder.build()
}

function pageOf(index: number, given: Partial<ClassSetting> = {}): string {
  const one = graded(sampleClass()[index] ?? record('x', {}), setting(given))
  return studentPage(one, feedbackOf(one, setting(given)), given.notice)
}

function textOf(index: number, given: Partial<ClassSetting> = {}): string {
  const one = graded(sampleClass()[index] ?? record('x', {}), setting(given))
  return feedbackMarkdown(one, feedbackOf(one, setting(given)), given.notice)
}

/** Everything that is opened is closed, in order, and nothing of a student's is among it. */
function isWellFormed(page: string): void {
  const open: string[] = []
  const html = page.replace(`<script type="module">${SCRIPT}</script>`, '')
  expect(html).not.toMatch(/<(script|img|link|iframe|object|embed|base)\b/)
  expect(html).not.toMatch(/<[^>"]*("[^"]*"[^>"]*)*\s(src|srcset|on[a-z]+)=/)
  expect(html).not.toMatch(/href="(?!#|students\/)/)
  for (const [, end, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (/^(meta|input|br|hr)$/.test(name)) continue
    if (end === '') open.push(name)
    else expect(open.pop()).toBe(name)
  }
  expect(open).toEqual([])
}

test('whatever a submission says, in the overview it stays text', () => {
  const page = overviewPage(overview({ students: [{ id: 'anna', name: EVIL, section: EVIL }] }), setting())
  isWellFormed(page)
  expect(page).toContain('&lt;img src=x')
})

test.each(['none', 'failed', 'all'] as const)(
  'whatever a submission says, on its page it stays text (%s)',
  (details) => {
    const page = pageOf(3, { details, students: [{ id: EVIL, name: EVIL }] })
    isWellFormed(page)
    expect(page).toContain('&lt;/script&gt;')
  },
)

test('whatever a submission says, in Markdown it is neither HTML nor a link', () => {
  const html = new MarkdownIt({ html: true }).render(textOf(3, { details: 'all' }))
  expect(html).not.toMatch(/<(script|img|a)\b/)
  expect(html).toContain('&lt;script&gt;')
})

test('what the class got wrong: how many, who, and an example', () => {
  const { misconceptions, lost, unsolved, checks } = overview()
  expect(misconceptions).toMatchObject([
    { id: 'no-ack', lesson: '04-ack-consumer', of: 3, says: 'It looks as if noAck is asked for.' },
  ])
  expect(misconceptions[0]?.who.map(({ id }) => id)).toEqual(['ben', EVIL])
  expect(misconceptions[0]?.example).toMatchObject({ id: 'ben', at: { line: 2 } })
  expect(lost.filter(({ lesson }) => lesson === '04-ack-consumer')).toMatchObject([
    { step: 1, failed: 1, of: 3, mean: 1.67 },
    { step: 2, failed: 2, of: 3, mean: 3.33 },
  ])
  expect(unsolved).toEqual([])
  expect(checks).toEqual([{ lesson: '04-ack-consumer', students: 1, mean: 7 }])
})

test('an expectation that nobody meets is told', () => {
  const builder = new OverviewBuilder(setting())
  builder.add(
    graded(
      record('x', { '04-ack-consumer': lessonRecord(report('04-ack-consumer', ['passed', 'failed'])) }),
      setting(),
    ),
  )
  expect(builder.build().unsolved).toEqual([{ lesson: '04-ack-consumer', step: 2, title: 'expectation 2', of: 1 }])
})

test('the overview names what is no verdict, and says on what it was judged', () => {
  const page = overviewPage(overview(), setting({ notice: 'Judged without a sandbox.' }))
  expect(page).toMatch(/<td class="error" data-sort="-1">!<span class="hidden"> error<\/span>/)
  expect(page).toContain('RabbitMQ 4.3.6 (native)')
  expect(page).toContain('<p class="notice">Judged without a sandbox.</p>')
})

test('a student reads what fell short, where, why, a hint, and the points', () => {
  for (const told of [pageOf(1), textOf(1)]) {
    expect(told).toContain('5 of 20 points')
    expect(told).toContain('It was lost.')
    expect(told).toMatch(/exercise\.ts(, line |:)2/)
    expect(told).toContain('expected: an ack')
    expect(told).toContain('Not handed in.')
    expect(told).toContain('0 of 5')
  }
  expect(pageOf(1)).toMatch(/<span class="line marked"><span class="n">2<\/span>/)
})

test('the hint is that of the first step that fell short', () => {
  const one = graded(
    record('x', { '04-ack-consumer': lessonRecord(report('04-ack-consumer', ['failed', 'failed'])) }),
    setting(),
  )
  const page = studentPage(one, feedbackOf(one, setting()), undefined)
  expect(page.match(/<strong>the task<\/strong>/g)).toHaveLength(1)
})

test('details can be withheld: points stay, what was seen does not', () => {
  for (const told of [pageOf(1, { details: 'none' }), textOf(1, { details: 'none' })]) {
    expect(told).toContain('5 of 20 points')
    expect(told).not.toContain('It was lost.')
    expect(told).not.toContain('two()')
    expect(told).not.toContain('expectation 2')
  }
  expect(pageOf(0, { details: 'failed' })).not.toContain('expectation 1')
  expect(pageOf(0, { details: 'all' })).toContain('expectation 1')
})

test.each([
  ['none', []],
  ['failed', ['second ']],
  ['all', ['first ', 'second ']],
] as const)('what was recorded is on the page as far as details are told (%s)', (details, names) => {
  const given = setting({ details })
  const one = graded(sampleClass()[1] ?? record('x', {}), given)
  const feedback = feedbackOf(one, given, () => seen())
  const page = studentPage(one, feedback, undefined)
  const [, data] = /<script type="application\/json">([\s\S]*?)<\/script>/.exec(page) ?? []
  const shown = data === undefined ? undefined : (JSON.parse(data) as PackedShow)
  expect(shown?.scenes.map(({ name }) => name) ?? []).toEqual(names)
  expect(page.includes('<table class="trace">')).toBe(false)
  expect(page.includes('<script type="module">')).toBe(details !== 'none')
})

test('where nothing that was recorded is kept, there are the few events that show it', () => {
  expect(pageOf(1)).toContain('<table class="trace">')
  expect(pageOf(1)).not.toContain('<script')
})

test('whatever a recording says, on the page it stays data', () => {
  const given = setting({ details: 'all' })
  const one = graded(sampleClass()[3] ?? record('x', {}), given)
  const page = studentPage(
    one,
    feedbackOf(one, given, () => seen(EVIL)),
    undefined,
  )
  expect(page.match(/<script/g)).toHaveLength(2)
  expect(page).not.toContain('<img')
})

test('a lesson that was judged again says so, with both verdicts', () => {
  const { judged } = lessonRecord(report('04-ack-consumer', ['failed', 'failed']))
  const own = lessonRecord(
    report('04-ack-consumer', ['passed', 'passed']),
    judged ? { earlier: { judgement: judged, why: 'time-limit' } } : {},
  )
  const one = graded(record('x', { '04-ack-consumer': own }), setting())
  expect(studentPage(one, feedbackOf(one, setting()), undefined)).toContain(
    'It hit a time limit at first (failed). It was judged again when the machine was quiet, and that verdict counts: passed.',
  )
})
