import { expect, test } from 'vitest'
import { outOfOrder, output, printed, textOf } from '../../lab/recording/output.ts'
import type { ProcessEvent } from '../../lab/recording/recording.ts'

function recordingOf(...lines: [what: ProcessEvent['what'], text?: string][]) {
  return {
    events: lines.map(
      ([what, text], ms): ProcessEvent => ({ kind: 'process', ms, student: 1, what, ...(text && { text }) }),
    ),
  }
}

const recording = recordingOf(
  ['started'],
  ['stdout', 'begins'],
  ['stderr', 'a warning'],
  ['stdout', 'connected: yes'],
  ['stdout', 'ends'],
  ['exited'],
)

test('both streams are output, and nothing else is', () => {
  expect(output(recording).map(({ text }) => text)).toEqual(['begins', 'a warning', 'connected: yes', 'ends'])
  expect(textOf(recording, 'stdout')).toBe('begins\nconnected: yes\nends')
})

test('a line is found by what is in it', () => {
  expect(printed(recording, 'connected')?.text).toBe('connected: yes')
  expect(printed(recording, 'never')).toBeUndefined()
})

test('lines in their order are in order, with others between them', () => {
  expect(outOfOrder(recording, ['begins', 'ends'])).toBeUndefined()
})

test('the first line that does not come after the ones before it is out of order', () => {
  expect(outOfOrder(recording, ['begins', 'ends', 'connected'])).toBe('connected')
})

test('a line that comes twice is in order if one of the two is', () => {
  const twice = recordingOf(['stdout', 'b'], ['stdout', 'a'], ['stdout', 'b'])
  expect(outOfOrder(twice, ['a', 'b'])).toBeUndefined()
})

test('what was never printed, and what is on the other stream, has no place in the order', () => {
  expect(outOfOrder(recording, ['ends', 'never', 'a warning'])).toBeUndefined()
})
