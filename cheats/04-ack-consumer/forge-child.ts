// tries: has the lab kill a process of its choice, by saying that it was its own

const { writeSync } = await import('node:fs')
try {
  writeSync(
    4,
    `${JSON.stringify({ type: 'child', what: 'started', pid: process.ppid, code: null, signal: null, atMs: 1 })}\n`,
  )
} catch {}

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
