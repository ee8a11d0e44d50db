// tries: fills buffers, 100 MB at a time

const kept = []
setInterval(() => kept.push(Buffer.alloc(100_000_000, 1)), 50)

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
