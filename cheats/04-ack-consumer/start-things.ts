// tries: starts processes, threads, and native code

/** Says what it could reach, where the proof looks for it. */
async function tries(what, reach) {
  try {
    const reached = await reach()
    if (reached !== undefined && reached !== false) console.log(`REACHED: ${what}`)
  } catch {}
}
await tries('a shell', async () => String((await import('node:child_process')).execSync('id')).length)
await tries(
  'a process',
  async () => (await import('node:child_process')).spawnSync(process.execPath, ['-v']).status === 0 || undefined,
)
await tries('a thread', async () => {
  const { Worker } = await import('node:worker_threads')
  const worker = new Worker('setTimeout(() => {}, 1000)', { eval: true })
  return await new Promise((resolve) =>
    worker.once('online', () => resolve(true)).once('error', () => resolve(undefined)),
  )
})
await tries('native code', () => (process.dlopen({ exports: {} }, '/usr/lib/x86_64-linux-gnu/libc.so.6'), true))
await tries(
  'WASI',
  async () => (new (await import('node:wasi')).WASI({ version: 'preview1', preopens: { '/': '/' } }), true),
)

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
