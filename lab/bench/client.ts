import { connect } from 'amqplib'

/**
 * A client in a process of its own, for the wire's cost: publishes with confirms, then asks the broker something many
 * times, one question after the other. Prints { publishesPerSecond, roundTripMs }, as JSON.
 */
const [url = ''] = process.argv.slice(2)
const MESSAGES = 20_000
const WINDOW = 500
const WARM_UP = 2000
const QUESTIONS = 2000

const connection = await connect(url, { noDelay: true })
const channel = await connection.createConfirmChannel()
const { queue } = await channel.assertQueue('', { exclusive: true })
const task = Buffer.alloc(100, 'x')

async function publish(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += WINDOW) {
    for (let i = 0; i < WINDOW; i++) channel.sendToQueue(queue, task, { persistent: true })
    await channel.waitForConfirms()
  }
}

await publish(WARM_UP)
const began = performance.now()
await publish(MESSAGES)
const publishesPerSecond = MESSAGES / ((performance.now() - began) / 1000)
await channel.purgeQueue(queue)

const times: number[] = []
for (let i = 0; i < QUESTIONS; i++) {
  const asked = performance.now()
  await channel.checkQueue(queue)
  times.push(performance.now() - asked)
}
times.sort((a, b) => a - b)
process.stdout.write(JSON.stringify({ publishesPerSecond, roundTripMs: times[QUESTIONS / 2] }))
await connection.close()
