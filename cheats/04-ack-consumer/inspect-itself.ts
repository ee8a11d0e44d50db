// tries: opens its own inspector, in which there may be no limits

/** Says what it could reach, where the proof looks for it. */
async function tries(what, reach) {
  try {
    const reached = await reach()
    if (reached !== undefined && reached !== false) console.log(`REACHED: ${what}`)
  } catch {}
}
await tries('the disk through its own inspector', async () => {
  const { Session } = await import('node:inspector')
  const session = new Session()
  session.connect()
  const expression = "process.mainModule.require('fs').readFileSync('/etc/passwd', 'utf8')"
  return await new Promise((resolve) =>
    session.post('Runtime.evaluate', { expression }, (_, answer) =>
      resolve(String(answer?.result?.value).includes('root:') || undefined),
    ),
  )
})

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
