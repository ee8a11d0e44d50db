// tries: writes to the line to the lab itself

const { writeSync } = await import('node:fs')
const lines = ['loaded', 'settled', 'told'].map((type) =>
  JSON.stringify({ type, id: 1, ok: true, value: { tag: 'tag' }, name: 'began', data: {} }),
)
for (const fd of [3, 4])
  try {
    writeSync(fd, `${lines.join('\n')}\n`)
  } catch {}

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
