// tries: writes 20 MB to the line to the lab, again and again

const { writeSync } = await import('node:fs')
const much = Buffer.alloc(20_000_000, 'x')
setInterval(() => {
  try {
    for (let at = 0; at < much.length; ) at += writeSync(4, much, at)
  } catch {}
}, 20)

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
