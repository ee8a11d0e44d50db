import { expect, test, vi } from 'vitest'
import { waitingLine } from '../../lab/commands/waiting.ts'
import { progressText } from '../../lab/report/progress.ts'

function begun(isTTY: boolean) {
  vi.useFakeTimers()
  let text = ''
  const write = (more: string | Uint8Array) => {
    text += more
    return true
  }
  const waiting = waitingLine({ isTTY, columns: 30, write }, () => Date.now())
  waiting.begin()
  return { waiting, written: () => text, [Symbol.dispose]: () => vi.useRealTimers() }
}

const howFarItIs = (ms: number) =>
  progressText('Checking', ms, { decided: 3, total: 8, awaiting: 'waits between attempts' })

test('a check that is soon over says nothing of how far it is', () => {
  using it = begun(true)
  vi.advanceTimersByTime(1900)
  it.waiting.end()
  vi.advanceTimersByTime(60_000)
  expect(it.written()).toBe('')
})

test('on a terminal it is one line, no wider than that, and gone in the end', () => {
  using it = begun(true)
  it.waiting.update(howFarItIs)
  vi.advanceTimersByTime(2500)
  it.waiting.end()
  const lines = it.written().split('\r\u001b[2K')
  expect(lines).toEqual(['', 'Checking, 2 s; 3 of 8 decided', 'Checking, 3 s; 3 of 8 decided', ''])
})

test('where lines stay, they come more and more seldom', () => {
  using it = begun(false)
  it.waiting.update(howFarItIs)
  vi.advanceTimersByTime(79_000)
  expect(it.written()).toBe(
    [10, 20, 40].map((s) => `Checking, ${s} s; 3 of 8 decided; now: waits between attempts\n`).join(''),
  )
})
