import { describe, expect, test } from 'vitest'
import { Writer } from '../../lab/amqp/bytes.ts'
import { writeProperties } from '../../lab/amqp/properties.ts'
import { Message } from '../../lab/embedded/message/message.ts'
import { Deque } from '../../lab/embedded/queue/deque.ts'
import { Entry } from '../../lab/embedded/queue/entry.ts'
import { Ready } from '../../lab/embedded/queue/ready.ts'
import { random } from '../../lab/random.ts'

const PLAIN = { highestPriority: 0, usualPriority: 0, returns: 'old-place' } as const

function entry(place: number, priority?: number): Entry {
  const writer = new Writer()
  writeProperties(writer, priority === undefined ? {} : { priority })
  const content = writer.flush()
  const message = new Message({
    exchange: '',
    routingKey: 'q',
    cc: [],
    content,
    propertiesSize: content.length,
    expirationMs: -1,
  })
  return new Entry(message, place, 0)
}

function drain(ready: Ready): number[] {
  const places: number[] = []
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) places.push(next.place)
  return places
}

describe('messages that wait', () => {
  test('come in the order in which they went in', () => {
    const ready = new Ready(PLAIN)
    for (let place = 0; place < 100; place++) ready.push(entry(place))
    expect(drain(ready)).toEqual(Array.from({ length: 100 }, (_, place) => place))
  })

  test('come back to their old places, in whatever order they are given back', () => {
    const pick = random(1)
    for (let round = 0; round < 50; round++) {
      const ready = new Ready(PLAIN)
      for (let place = 0; place < 40; place++) ready.push(entry(place))
      const out = Array.from({ length: 25 }, () => ready.shift() as Entry)
      const kept = out.filter(() => pick(2) === 0)
      const back = out.filter((each) => !kept.includes(each)).sort(() => pick(3) - 1)
      for (const each of back) ready.putBack(each)
      ready.push(entry(40))
      const expected = [...back.map(({ place }) => place).sort((a, b) => a - b), ...range(25, 41)]
      expect(drain(ready)).toEqual(expected)
    }
  })

  test('of a quorum queue come back before all others, in the order of their return', () => {
    const ready = new Ready({ highestPriority: 31, usualPriority: 4, returns: 'first' })
    const all = [entry(0, 1), entry(1), entry(2, 9), entry(3, 200)]
    for (const each of all) ready.push(each)
    const [first, second] = [ready.shift() as Entry, ready.shift() as Entry]
    expect([first.place, second.place]).toEqual([3, 2])
    ready.putBack(second)
    ready.putBack(first)
    expect(drain(ready)).toEqual([2, 3, 1, 0])
  })

  test('come by priority, and then by place', () => {
    const ready = new Ready({ highestPriority: 5, usualPriority: 0, returns: 'old-place' })
    for (const [place, priority] of [1, 5, undefined, 9, 1, 5].entries()) ready.push(entry(place, priority))
    expect(drain(ready)).toEqual([1, 3, 5, 0, 4, 2])
  })
})

test('a deque is a list, and gives memory back', () => {
  const pick = random(2)
  const deque = new Deque<number>()
  const list: number[] = []
  for (let step = 0; step < 50_000; step++) {
    if (pick(100) < (step < 25_000 ? 60 : 40)) {
      deque.push(step)
      list.push(step)
    } else expect(deque.shift()).toBe(list.shift())
  }
  expect([...deque]).toEqual(list)
  expect(deque.length).toBe(list.length)
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
