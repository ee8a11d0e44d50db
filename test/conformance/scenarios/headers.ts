import type { Table } from '../../../lab/amqp/table.ts'
import type { Scenario } from '../stage.ts'

/** Binds a queue with these arguments, publishes with each of the headers, and tells which came through. */
function matched(title: string, binding: Table, messages: (Table | undefined)[]): Scenario {
  return {
    title,
    async play(t) {
      const channel = await t.channel()
      channel.noting = false
      await channel.confirms()
      await channel.queue('q')
      await channel.bind('q', 'amq.headers', '', binding)
      for (const headers of messages) {
        await channel.put('', '', headers ? { headers } : {}, { exchange: 'amq.headers' })
        const { name } = await channel.get('q')
        t.note(`${JSON.stringify(headers) ?? 'no headers'}: ${name}`)
      }
    },
  }
}

const MESSAGES: (Table | undefined)[] = [
  { a: 1, b: 'x' },
  { a: 1, b: 'x', c: true },
  { a: 1 },
  { b: 'x' },
  { a: 2, b: 'x' },
  { a: '1', b: 'x' },
  {},
  undefined,
]

export const scenarios: Scenario[] = [
  matched('x-match: all wants every header', { 'x-match': 'all', a: 1, b: 'x' }, MESSAGES),
  matched('x-match: any wants one header', { 'x-match': 'any', a: 1, b: 'x' }, MESSAGES),
  matched('without x-match every header is wanted', { a: 1, b: 'x' }, MESSAGES),
  matched('a binding without arguments takes everything', {}, MESSAGES),
  matched('x-match: any without headers', { 'x-match': 'any' }, MESSAGES),
  matched('headers that begin with x- do not count', { 'x-match': 'all', 'x-a': 1, b: 'x' }, [
    { b: 'x' },
    { 'x-a': 1, b: 'x' },
  ]),
  matched('x-match: all-with-x counts them', { 'x-match': 'all-with-x', 'x-a': 1, b: 'x' }, [
    { b: 'x' },
    { 'x-a': 1, b: 'x' },
  ]),
  matched('x-match: any-with-x counts them', { 'x-match': 'any-with-x', 'x-a': 1, b: 'x' }, [{ 'x-a': 1 }, { c: 1 }]),
  matched('a header without a value is wanted with any', { 'x-match': 'all', a: null }, [
    { a: 1 },
    { a: 'x' },
    { b: 1 },
  ]),
  matched('numbers of different types', { a: 1, b: 1.5 }, [
    { a: { '!': 'int64', value: 1 }, b: 1.5 },
    { a: { '!': 'double', value: 1 }, b: 1.5 },
    { a: 1, b: { '!': 'float', value: 1.5 } },
  ]),
  {
    title: 'an x-match that nobody knows is refused',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('q')
      await channel.bind('q', 'amq.headers', '', { 'x-match': 'some', a: 1 })
    },
  },
]
