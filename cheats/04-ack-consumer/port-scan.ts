// tries: looks on loopback for anything but the wire: brokers, management, inspectors
// without a sandbox: it reaches the network of the machine

/** Says what it could reach, where the proof looks for it. */
async function tries(what, reach) {
  try {
    const reached = await reach()
    if (reached !== undefined && reached !== false) console.log(`REACHED: ${what}`)
  } catch {}
}

import { connect } from 'node:net'

const reach = (port) =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 300 })
    const end = (found) => () => (socket.destroy(), resolve(found))
    socket.once('connect', end(true)).once('timeout', end(undefined)).once('error', end(undefined))
  })
const usual = [22, 25, 80, 443, 2375, 4369, 5671, 5672, 8080, 9229, 15672, 25672]
for (let port = 32_768; port < 61_000; port += 997) usual.push(port)
for (const port of usual) await tries(`port ${port}`, () => reach(port))

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
