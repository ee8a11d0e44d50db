import type { Scenario } from '../stage.ts'

/** Binds a queue for each pattern, publishes each key, and tells which queues it came to. */
function routed(title: string, patterns: string[], keys: string[]): Scenario {
  return {
    title,
    async play(t) {
      const channel = await t.channel()
      channel.noting = false
      await channel.confirms()
      for (const pattern of patterns) {
        await channel.queue(`q ${pattern}`)
        await channel.bind(`q ${pattern}`, 'amq.topic', pattern)
      }
      for (const key of keys) {
        await channel.put(key, key, {}, { exchange: 'amq.topic' })
        const fitting: string[] = []
        for (const pattern of patterns) {
          const { name } = await channel.get(`q ${pattern}`)
          if (name === 'basic.get-ok') fitting.push(pattern)
        }
        t.note(`'${key}' fits ${fitting.map((pattern) => `'${pattern}'`).join(', ') || 'nothing'}`)
      }
    },
  }
}

export const scenarios: Scenario[] = [
  routed(
    '* stands for one word',
    ['a.*', '*.b', '*', '*.*', 'a.*.c'],
    ['a', 'a.b', 'a.b.c', 'b', '', 'a.', '.b', 'a..c'],
  ),
  routed(
    '# stands for any number of words',
    ['#', 'a.#', '#.z', 'a.#.z', '#.m.#'],
    ['', 'a', 'z', 'a.z', 'a.m.z', 'm', 'x.y'],
  ),
  routed('* and # together', ['*.#', '#.*', '#.*.#', '*.#.*', '#.#'], ['', 'a', 'a.b', 'a.b.c']),
  routed('words that only contain * or # are words', ['a*', '#b', 'a.b*'], ['a*', 'ax', '#b', 'b', 'a.b*', 'a.bc']),
  routed('keys differ in case, spaces and accents', ['a.b', 'A.b', 'a. b', 'ä.*'], ['a.b', 'A.b', 'a. b', 'ä.ö']),
  {
    title: 'a topic binding that is taken away fits no longer, and others do',
    async play(t) {
      const channel = await t.channel()
      await channel.confirms()
      await channel.queue('q')
      for (const key of ['a.*', 'a.#']) await channel.bind('q', 'amq.topic', key)
      await channel.call('queue.unbind', { queue: 'q', exchange: 'amq.topic', routingKey: 'a.#' })
      await channel.put('a.b', '1', {}, { exchange: 'amq.topic', mandatory: true })
      await channel.put('a.b.c', '2', {}, { exchange: 'amq.topic', mandatory: true })
      await channel.count('q')
    },
  },
]
