import { connect } from 'amqplib'
import { startEmbedded } from '../embedded/embedded.ts'

/**
 * The embedded broker in a process of its own: how soon it is ready, and what 200,000 queued messages of 100 bytes take.
 * Prints { readyMs, megabytes }, as JSON. The publisher is in the same process, and counts as well.
 */
const MESSAGES = 200_000
const WINDOW = 10_000

const began = performance.now()
const broker = await startEmbedded({ vhosts: ['/'], users: [{ name: 'guest', password: 'guest', vhosts: ['/'] }] })
const readyMs = performance.now() - began

const connection = await connect(`amqp://guest:guest@${broker.host}:${broker.port}`, { noDelay: true })
const channel = await connection.createConfirmChannel()
await channel.assertQueue('full')
const task = Buffer.alloc(100, 'x')
for (let sent = 0; sent < MESSAGES; sent += WINDOW) {
  for (let i = 0; i < WINDOW; i++) channel.sendToQueue('full', task, { persistent: true })
  await channel.waitForConfirms()
}
const { messageCount } = await channel.checkQueue('full')
if (messageCount !== MESSAGES) throw new Error(`${messageCount} messages are in the queue`)
process.stdout.write(JSON.stringify({ readyMs, megabytes: process.memoryUsage.rss() / 1_000_000 }))
await connection.close()
await broker.stop()
