import type { Scenario } from '../stage.ts'

const PSEUDO = 'amq.rabbitmq.reply-to'

export const scenarios: Scenario[] = [
  {
    title: 'a request is answered directly',
    async play(t) {
      const [client, server] = [await t.channel('client'), await t.channel('server')]
      await server.queue('requests')
      await server.consume('requests', 's')
      await client.consume(PSEUDO, 'c', { noAck: true })
      client.publish('requests', 'question', { replyTo: PSEUDO, correlationId: '1' })
      const request = await server.next('basic.deliver')
      const replyTo = request.content?.properties.replyTo ?? ''
      await server.confirms()
      await server.put(replyTo, 'answer', { correlationId: '1' }, { mandatory: true })
      await client.next('basic.deliver')
    },
  },
  {
    title: 'an answer to a client that has gone is lost, and not returned',
    async play(t) {
      const [client, server] = [await t.channel('client'), await t.channel('server')]
      await server.queue('requests')
      await server.consume('requests', 's')
      await client.consume(PSEUDO, 'c', { noAck: true })
      client.publish('requests', 'question', { replyTo: PSEUDO })
      const request = await server.next('basic.deliver')
      await client.client.close()
      await server.confirms()
      await server.put(request.content?.properties.replyTo ?? '', 'answer', {}, { mandatory: true })
    },
  },
  {
    title: 'direct replies must be consumed without acknowledgement',
    async play(t) {
      await (await t.channel()).consume(PSEUDO, 'c', { noAck: false })
    },
  },
  {
    title: 'a request for a direct reply without a consumer for it is refused',
    async play(t) {
      const channel = await t.channel()
      await channel.queue('requests')
      channel.publish('requests', 'question', { replyTo: PSEUDO })
      await channel.fails()
    },
  },
  {
    title: 'a channel has one consumer of direct replies',
    async play(t) {
      const channel = await t.channel()
      await channel.consume(PSEUDO, 'c', { noAck: true })
      await channel.consume(PSEUDO, 'd', { noAck: true })
    },
  },
  {
    title: 'the queue of direct replies is declared passively',
    async play(t) {
      await (await t.channel()).count(PSEUDO)
    },
  },
]
