import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Writer } from '../../lab/amqp/bytes.ts'
import { HEARTBEAT } from '../../lab/amqp/frames.ts'
import { Heartbeat } from '../../lab/embedded/connection/heartbeat.ts'
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

describe('a heartbeat of 10 s', () => {
  /** A socket and what is written to it, without a client. */
  function start(seconds = 10) {
    const socket = { bytesRead: 100, bytesWritten: 200, writableLength: 0, isPaused: () => false }
    const sent: number[] = []
    const output = {
      writer: new Writer(),
      isCongested: false,
      flush() {
        expect(this.writer.flush()).toEqual(HEARTBEAT)
        socket.bytesWritten += HEARTBEAT.length
        sent.push(Date.now() - 1_000_000)
      },
    }
    const gone = vi.fn()
    const heartbeat = new Heartbeat(seconds, socket, output, gone)
    return { socket, output, sent, gone, heartbeat }
  }

  test('is sent every 5 s while nothing else is', () => {
    const { sent } = start()
    vi.advanceTimersByTime(15_000)
    expect(sent).toEqual([5_000, 10_000, 15_000])
  })

  test('is sent after 5 s even if something else was, and later only if nothing was', () => {
    const { socket, sent } = start()
    const send = () => {
      socket.bytesWritten += 50
    }
    for (const at of [1, 6, 11, 21]) setTimeout(send, at * 1_000)
    vi.advanceTimersByTime(25_000)
    expect(sent).toEqual([5_000, 20_000])
  })

  test('is not sent to a client that does not read', () => {
    const { output, sent } = start()
    output.isCongested = true
    vi.advanceTimersByTime(20_000)
    expect(sent).toEqual([])
  })

  test('gives up on a client 20 to 30 s after its last byte', () => {
    const { socket, gone } = start()
    setTimeout(() => void socket.bytesRead++, 11_000)
    vi.advanceTimersByTime(39_999)
    expect(gone).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(gone).toHaveBeenCalledOnce()
  })

  test('keeps a client that sends a byte every 15 s', () => {
    const { socket, gone } = start()
    setInterval(() => void socket.bytesRead++, 15_000)
    vi.advanceTimersByTime(10 * 60_000)
    expect(gone).not.toHaveBeenCalled()
  })

  test('keeps a client that is not read, as long as it takes what it is sent', () => {
    const { socket, output, gone } = start()
    Object.assign(socket, { isPaused: () => true, writableLength: 1_000_000 })
    output.isCongested = true
    const take = () => {
      socket.writableLength -= 1_000
    }
    const taking = setInterval(take, 10_000)
    vi.advanceTimersByTime(10 * 60_000)
    expect(gone).not.toHaveBeenCalled()
    clearInterval(taking)
    vi.advanceTimersByTime(30_000)
    expect(gone).toHaveBeenCalledOnce()
  })

  test('leaves no timer behind, and with 0 s has none', () => {
    start().heartbeat.stop()
    start(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
