// tries: speaks to Docker, and to agents, over Unix sockets
// without a sandbox: it reaches the network of the machine

/** Says what it could reach, where the proof looks for it. */
async function tries(what, reach) {
  try {
    const reached = await reach()
    if (reached !== undefined && reached !== false) console.log(`REACHED: ${what}`)
  } catch {}
}

import { connect } from 'node:net'
import { tmpdir } from 'node:os'

const sockets = [
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/run/dbus/system_bus_socket',
  `${tmpdir()}/ssh-agent.sock`,
]
for (const path of sockets)
  await tries(
    `the socket ${path}`,
    () =>
      new Promise((resolve, reject) =>
        connect(path)
          .once('connect', () => resolve(true))
          .once('error', reject),
      ),
  )

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
