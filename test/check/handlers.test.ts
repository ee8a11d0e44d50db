import { expect, test } from 'vitest'
import { begun, finish, finishes, inHand } from '../../lab/check/handlers.ts'
import { Recorder } from '../../lab/recording/recorder.ts'
import type { Student } from '../../lab/student/student.ts'

/** Three handlers have begun, and the lab has told the first to fail. */
function recorded(): Recorder {
  const recorder = new Recorder()
  for (const [i, task] of ['a', 'b', 'a'].entries()) {
    recorder.note({ kind: 'told', student: 1, name: 'began', data: { call: i + 1, task } })
  }
  recorder.note({ kind: 'told', student: 1, name: 'pong', data: { ms: 1 } })
  recorder.note({ kind: 'asked', student: 1, name: 'finish', data: { calls: [1], how: 'reject' } })
  return recorder
}

test('handlers are told apart by their call, also where the task is the same', () => {
  const recorder = recorded()
  expect(begun(recorder).map(({ call, task }) => [call, task])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'a'],
  ])
  expect(finishes(recorder)).toEqual([{ how: 'reject', calls: [1], tasks: ['a'], event: recorder.events.at(-1) }])
  expect(inHand(recorder).map(({ call }) => call)).toEqual([2, 3])
})

test('one message ends several handlers, and none is sent for none', () => {
  const sent: unknown[] = []
  const service = { tell: (name: string, data: unknown) => sent.push([name, data]) } as unknown as Student
  finish(service, 'resolve', inHand(recorded()))
  finish(service, 'resolve', [])
  expect(sent).toEqual([['finish', { calls: [2, 3], how: 'resolve' }]])
})
