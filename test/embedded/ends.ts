import { RawClient, startBroker } from './client.ts'

/** A broker with all its timers running is stopped: this process must end then. A test runs it. */
const broker = await startBroker()
const client = await RawClient.open(broker, { heartbeat: 30 })
await client.call('queue.declare', {
  queue: 'q',
  arguments: { 'x-expires': 60_000, 'x-message-ttl': 60_000 },
})
client.publish('q', 'body')
await client.call('basic.qos')
const silent = await RawClient.dial(broker)
await broker.stop()
client.socket.destroy()
silent.socket.destroy()
process.stdout.write('stopped\n')
