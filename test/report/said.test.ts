import { expect, test } from 'vitest'
import { said } from '../../lab/report/rows.ts'

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
    'has waited 16844 ms in vain for stop() to settle; this machine is busy: that is 6 s of its time',
  )
})
