// tries: fills the recording: heartbeats as fast as the wire takes them

const FRAMES = Buffer.concat(Array.from({ length: 8000 }, () => Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce])))

/** Does the work, too. */
export async function consumeTasks(channel, queue, handle) {
  const { stream } = channel.connection
  const flood = () => {
    while (stream.write(FRAMES)) {}
    stream.once('drain', flood)
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
