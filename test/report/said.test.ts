import { expect, test } from 'vitest'
import { said, unsaid } from '../../lab/report/rows.ts'

/** A row of a trace that is no frame. */
function row(method: string, fields: Record<string, unknown>) {
  return { ms: 1, from: 'lab' as const, connection: 0, channel: 0, method, fields }
}

test('a handler that the lab ends is told as one that succeeds, or that fails', () => {
  expect(said(row('ask.finish', { calls: [1], tasks: ['photo 1'], how: 'resolve' }))).toBe(
    'lets the handler succeed (task photo 1)',
  )
  expect(said(row('ask.finish', { calls: [1], tasks: ['photo 1'], how: 'reject' }))).toBe(
    'makes the handler fail (task photo 1)',
  )
})

test('what a store is asked reads like the call, and its answer like the result', () => {
  expect(said(row('told.store', { call: 1, what: 'has', id: '4711' }))).toBe("asks the store: has('4711')")
  const answer = { call: 1, what: 'has', id: '4711', value: false }
  expect(said(row('ask.store-answer', answer))).toBe("answers for the store: has('4711'): false")
  expect(said(row('ask.store-answer', { ...answer, what: 'add', value: true }))).toBe(
    "answers for the store: add('4711'): kept",
  )
  expect(said(row('ask.store-answer', { ...answer, what: 'add', error: 'down' }))).toBe(
    "answers for the store: add('4711'): an error",
  )
})

test('a wait that a busy machine made longer says so', () => {
  const awaited = { what: 'stop() to settle', waitedMs: 6010, limitMs: 6000 }
  expect(said(row('awaited.in-vain', awaited))).toBe('has waited 6010 ms in vain for stop() to settle')
  expect(said(row('awaited.in-vain', { ...awaited, waitedMs: 16844 }))).toBe(
    'has waited 16844 ms in vain for stop() to settle (longer than the usual 6 s, because this machine is busy)',
  )
})

test('what somebody has written is said so that it can be seen, on one line', () => {
  expect(said(row('body', { size: 5, text: 'a\nb\u001b[2J\u202e' }))).toBe('body (size 5, text a␊b␛[2J\\u{202e})')
  expect(said(row('process.stdout', { text: '\u001b[H✔ Passed' }))).toBe("prints '␛[H✔ Passed'")
})

test('long arguments are shortened behind a word, and what is left out can be had', () => {
  const options = { delayMs: 20, maxDelayMs: 1000, timeoutMs: 2500 }
  const asked = row('ask.connect', { id: 1, args: { url: 'amqp://x', options } })
  expect(said(asked)).toBe('asks for connect (options {"delayMs":20,"maxDelayMs":1000,"…)')
  expect(unsaid(asked)).toEqual(['options {"delayMs":20,"maxDelayMs":1000,"timeoutMs":2500}'])
  // What is left of a number would be another one.
  expect(said(row('ask.connect', { args: { options: { timeoutMs: 2500, maxDelayMs: 1_000_000_000 } } }))).toBe(
    'asks for connect (options {"timeoutMs":2500,"maxDelayMs":…)',
  )
})

test('a word that fills the line is cut between two characters', () => {
  const task = `${'x'.repeat(38)}🧾${'x'.repeat(100_000)}`
  expect(said(row('told.began', { task }))).toBe(`the handler begins (task ${'x'.repeat(38)}…)`)
  expect(said(row('held.received', { task }))).toMatch(/^gets 'x{38}🧾x+…'$/)
})

test('of a frame, arguments that there is no room for are left out of the line alone', () => {
  const frame = row('basic.publish', { a: 1, b: 2, c: 3, d: 4, e: 5, routingKey: 'tasks', mandatory: true })
  expect(said(frame)).toBe('basic.publish (a 1, b 2, c 3, d 4, e 5)')
  expect(unsaid(frame)).toEqual(['routingKey tasks', 'mandatory'])
})
