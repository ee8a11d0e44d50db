// tries: prints without end

const line = `${'print '.repeat(200)}\n`
const flood = () => {
  for (let i = 0; i < 1000; i++) process.stdout.write(line)
  setImmediate(flood)
}
flood()

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
