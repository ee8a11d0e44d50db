// tries: writes wherever it may

/** Says what it could reach, where the proof looks for it. */
async function tries(what, reach) {
  try {
    const reached = await reach()
    if (reached !== undefined && reached !== false) console.log(`REACHED: ${what}`)
  } catch {}
}
const lab = new URL('../../', import.meta.resolve('amqplib')).href.replace(/node_modules.*$/, '')
const { mkdirSync, writeFileSync, rmSync } = await import('node:fs')
const { tmpdir } = await import('node:os')
for (const folder of [
  new URL('.', import.meta.url).pathname,
  new URL(lab).pathname,
  `${tmpdir()}/`,
  '/dev/shm/',
  '/var/tmp/',
])
  await tries(`a file in ${folder}`, () => (writeFileSync(`${folder}cheat-was-here`, 'x'), true))
await tries('a folder', () => (mkdirSync(`${tmpdir()}/cheat-folder`), true))
await tries('its own file', () => (rmSync(new URL(import.meta.url)), true))

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
