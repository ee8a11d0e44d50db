// tries: fills the heap

const kept = []
const fill = () => {
  for (let i = 0; i < 20_000; i++) kept.push({ i, text: `${i}`.repeat(20) })
  setImmediate(fill)
}
fill()

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
