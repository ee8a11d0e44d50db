import type { Scenario } from '../stage.ts'

export const scenarios: Scenario[] = [
  {
    title: 'an operator closes a connection, and its messages go back',
    async play(t) {
      const victim = await t.channel('victim')
      await victim.queue('q')
      await victim.confirms()
      await victim.put('q', 'a')
      await victim.get('q', false)
      const [seen] = await t.vhost.connections()
      await t.vhost.closeConnection(seen?.id ?? '')
      await victim.client.ended()
      const heir = await t.channel('heir')
      await heir.consume('q', 'c')
      await heir.deliveries(1)
    },
  },
  {
    title: 'the connections of a virtual host are seen, with their users and their own names',
    async play(t) {
      const properties = { connection_name: 'the named one' }
      await t.connect('named', { properties })
      await t.connect('nameless')
      const seen = await t.vhost.connections()
      for (const { name, user } of seen.sort((a, b) => String(a.name).localeCompare(String(b.name)))) {
        t.note(`${name} of ${user}`)
      }
    },
  },
]
