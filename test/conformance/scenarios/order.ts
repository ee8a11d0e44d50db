import type { Scenario } from '../stage.ts'

/** Many messages: what comes is told in a few words. */
export const scenarios: Scenario[] = [
  {
    title: 'a thousand messages arrive in order, and all are confirmed',
    async play(t) {
      const [publisher, consumer] = [await t.channel('publisher'), await t.channel('consumer')]
      await publisher.queue('q')
      await publisher.confirms()
      await consumer.consume('q', 'c', { noAck: true })
      publisher.noting = false
      consumer.noting = false
      for (let n = 0; n < 1_000; n++) publisher.publish('q', String(n), { deliveryMode: 2 })
      let inOrder = 0
      for (let n = 0; n < 1_000; n++) {
        const { content } = await consumer.next('basic.deliver')
        if (content?.body.toString() === String(n)) inOrder++
      }
      for (let n = 1; n <= 1_000; n++) await publisher.confirmed(n)
      t.note(`${inOrder} arrived in order`)
    },
  },
  {
    title: 'with a limit of 10 and single acknowledgements a hundred messages arrive in order',
    async play(t) {
      const client = await t.connect()
      const [publisher, consumer] = [await client.channel(1), await client.channel(2)]
      publisher.noting = false
      await publisher.queue('q')
      await publisher.confirms()
      for (let n = 1; n <= 100; n++) publisher.publish('q', String(n))
      await publisher.confirmed(100)
      consumer.noting = false
      await consumer.qos(10)
      await consumer.consume('q', 'c')
      const bodies: string[] = []
      for (let n = 1; n <= 100; n++) {
        const { content } = await consumer.next('basic.deliver')
        bodies.push(content?.body.toString() ?? '')
        consumer.ack(n)
      }
      t.note(bodies.join(' '))
      consumer.noting = true
      await consumer.get('q')
    },
  },
  {
    title: 'messages of two queues arrive each in its order',
    async play(t) {
      const channel = await t.channel()
      for (const queue of ['a', 'b']) await channel.queue(queue)
      await channel.confirms()
      for (let n = 1; n <= 5; n++) for (const queue of ['a', 'b']) await channel.put(queue, `${queue}${n}`)
      for (const queue of ['b', 'a']) {
        await channel.consume(queue, queue)
        await channel.deliveries(5)
      }
    },
  },
]
