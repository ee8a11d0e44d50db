import { describe, expect, test } from 'vitest'
import type { Binding } from '../../lab/embedded/exchange/binding.ts'
import { Topic } from '../../lab/embedded/exchange/topic.ts'

function binding(routingKey: string): Binding {
  return { source: 'x', destination: { kind: 'queue', name: routingKey }, routingKey, arguments: {} }
}

function matches(topic: Topic, routingKey: string): string[] {
  const found: string[] = []
  topic.match({ routingKey, rawProperties: Buffer.alloc(2) }, (each) => found.push(each.routingKey))
  return found.sort()
}

function topicOf(...patterns: string[]): Topic {
  const topic = new Topic()
  for (const pattern of patterns) topic.add(binding(pattern))
  return topic
}

/** The slow and sure way. */
function fits(pattern: string[], key: string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return key.length === 0
  if (first === '#') return fits(rest, key) || (key.length > 0 && fits(pattern, key.slice(1)))
  return key.length > 0 && (first === '*' || first === key[0]) && fits(rest, key.slice(1))
}

describe('a topic exchange', () => {
  test.each([
    ['a.b.c', ['#', 'a.#', 'a.*.c', 'a.b.c']],
    ['a', ['#', 'a.#']],
    ['', ['#']],
    ['b', ['#']],
  ])('%o', (key, expected) => {
    expect(matches(topicOf('#', 'a.#', 'a.*.c', 'a.b.c', '*.*'), key)).toEqual(expected)
  })

  test('agrees with the slow and sure way on every short pattern and key', () => {
    const words = ['a', 'b', '*', '#']
    const patterns = words.flatMap((x) => [
      x,
      ...words.flatMap((y) => [`${x}.${y}`, ...words.map((z) => `${x}.${y}.${z}`)]),
    ])
    const topic = topicOf(...patterns)
    for (const key of ['a', 'b', 'a.a', 'a.b', 'b.a.b', 'a.a.a.a', 'b.c.a', 'c']) {
      const expected = patterns.filter((pattern) => fits(pattern.split('.'), key.split('.'))).sort()
      expect(matches(topic, key), key).toEqual(expected)
    }
  })

  test('forgets what is unbound', () => {
    const topic = new Topic()
    const [long, short] = [binding('a.*.#'), binding('a.*')]
    topic.add(long)
    topic.add(short)
    expect(matches(topic, 'a.b')).toEqual(['a.*', 'a.*.#'])
    topic.remove(short)
    expect(matches(topic, 'a.b')).toEqual(['a.*.#'])
    topic.remove(long)
    expect(matches(topic, 'a.b')).toEqual([])
  })

  test('takes no time for patterns full of #', () => {
    const topic = topicOf(Array(40).fill('#').join('.'), `${Array(40).fill('#.a').join('.')}.b`)
    const started = performance.now()
    expect(matches(topic, Array(60).fill('a').join('.'))).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
