// tries: writes to the line to the lab without end

const { writeSync } = await import('node:fs')
const flood = () => {
  try {
    for (let i = 0; i < 5000; i++) writeSync(4, '{"type":"pong","id":1,"rssBytes":1}\n')
  } catch {}
  setImmediate(flood)
}
flood()

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
