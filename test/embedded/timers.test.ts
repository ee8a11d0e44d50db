import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Alarm } from '../../lab/embedded/queue/alarm.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('an alarm', () => {
  test('rings once, when it is time', () => {
    const ring = vi.fn()
    new Alarm(ring).ringAt(Date.now() + 50)
    vi.advanceTimersByTime(49)
    expect(ring).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(ring).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('rings at the time that was set last', () => {
    const ring = vi.fn()
    const alarm = new Alarm(ring)
    alarm.ringAt(Date.now() + 50)
    alarm.ringAt(Date.now() + 10)
    alarm.ringAt(Date.now() + 90)
    vi.advanceTimersByTime(89)
    expect(ring).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(ring).toHaveBeenCalledOnce()
  })

  test('waits longer than a timer can', () => {
    const ring = vi.fn()
    new Alarm(ring).ringAt(Date.now() + 40 * DAY_MS)
    vi.advanceTimersByTime(39 * DAY_MS)
    expect(ring).not.toHaveBeenCalled()
    vi.advanceTimersByTime(DAY_MS)
    expect(ring).toHaveBeenCalledOnce()
  })

  test('that is off does not ring', () => {
    const ring = vi.fn()
    const alarm = new Alarm(ring)
    alarm.ringAt(Date.now() + 50)
    alarm.off()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(100)
    expect(ring).not.toHaveBeenCalled()
  })
})
