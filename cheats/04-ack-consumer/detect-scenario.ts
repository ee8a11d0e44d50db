// tries: knows the tasks of the check, and works only on those
// verdict: passed: an exercise that does what is judged, where it is judged, does it

/** Does the work, too. */
export async function consumeTasks(channel, queue, handle) {
  const known = /\S/
  const work = async (message) => {
    try {
      if (known.test(message.content.toString())) await handle(message.content.toString())
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
