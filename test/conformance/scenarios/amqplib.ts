import type { Scenario } from '../stage.ts'

/** The client that the lessons use, against what they ask of it. */
export const scenarios: Scenario[] = [
  {
    title: 'amqplib publishes with confirms and consumes',
    async play(t) {
      await using model = await t.amqplib()
      const channel = await model.createConfirmChannel()
      const { queue } = await channel.assertQueue('', { exclusive: true })
      await channel.assertExchange('events', 'topic')
      await channel.bindQueue(queue, 'events', 'order.*')
      const received = Promise.withResolvers<void>()
      const bodies: string[] = []
      await channel.prefetch(2)
      await channel.consume(queue, (message) => {
        if (message === null) return
        bodies.push(`${message.fields.routingKey} ${message.content}`)
        channel.ack(message)
        if (bodies.length === 3) received.resolve()
      })
      for (const n of [1, 2, 3]) channel.publish('events', `order.${n}`, Buffer.from(`body ${n}`), { persistent: true })
      await channel.waitForConfirms()
      await received.promise
      for (const body of bodies) t.note(body)
      await channel.close()
    },
  },
  {
    title: 'amqplib is told of an error of a channel',
    async play(t) {
      await using model = await t.amqplib()
      const channel = await model.createChannel()
      channel.on('error', (error: Error) => t.note(`error: ${error.message}`))
      await channel.checkQueue('nowhere').catch((error: Error) => t.note(`rejected: ${error.message}`))
    },
  },
  {
    title: 'amqplib is told of returned messages',
    async play(t) {
      await using model = await t.amqplib()
      const channel = await model.createConfirmChannel()
      channel.on('return', ({ fields, content }) =>
        t.note(`returned ${content}: ${(fields as { replyText?: string }).replyText}`),
      )
      channel.sendToQueue('nowhere', Buffer.from('body'), { mandatory: true })
      await channel.waitForConfirms()
      t.note('confirmed')
    },
  },
  {
    title: 'amqplib is refused with a wrong password',
    async play(t) {
      const { connect } = await import('amqplib')
      const url = t.vhost.url().replace(encodeURIComponent(t.vhost.password), 'wrong')
      await connect(url, { noDelay: true }).catch((error: Error) => t.note(error.message))
    },
  },
]
