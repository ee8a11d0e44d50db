// tries: reads what the lab remembers: brokers, tokens, the work of others

/** Says what it could reach, where the proof looks for it. */
async function tries(what, reach) {
  try {
    const reached = await reach()
    if (reached !== undefined && reached !== false) console.log(`REACHED: ${what}`)
  } catch {}
}
const lab = new URL('../../', import.meta.resolve('amqplib')).href.replace(/node_modules.*$/, '')
const { readFileSync, readdirSync } = await import('node:fs')
for (const path of [
  new URL(`${lab}.lab`),
  new URL(`${lab}.lab/brokers`),
  new URL(`${lab}.lab/progress.json`),
  new URL(`${lab}.lab/cache/students`),
  new URL(`${lab}.git/config`),
])
  await tries(`the state of the lab ${path}`, () => {
    const path_ = path
    try {
      return readFileSync(path_, 'utf8').length > 0 || undefined
    } catch {
      return readdirSync(path_).length > 0 || undefined
    }
  })

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
