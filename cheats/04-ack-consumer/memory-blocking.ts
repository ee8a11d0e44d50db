// tries: fills buffers in one go, up to 3 GB

const kept = []
for (let i = 0; i < 30; i++) kept.push(Buffer.alloc(100_000_000, 1))

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
