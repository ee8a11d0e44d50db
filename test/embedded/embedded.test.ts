import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { startEmbedded } from '../../lab/embedded/embedded.ts'
import { RawClient, startBroker } from './client.ts'

/** Why nobody can connect there. */
function refusal(at: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...at })
    socket.once('connect', () => reject(new Error('somebody listens')))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })
}

describe('the embedded broker', () => {
  test('says what it is, and listens where it says', async () => {
    await using broker = await startBroker()
    expect(broker.product).toBe('Cluster Up embedded broker')
    expect(broker.version).toBe('1.0.0')
    await using client = await RawClient.open(broker)
    expect(client.heard('connection.start')[0]?.args).toMatchObject({
      serverProperties: { product: 'Cluster Up embedded broker', version: '1.0.0' },
    })
  })

  test('is ready within 50 ms', async () => {
    const times: number[] = []
    for (let n = 0; n < 5; n++) {
      const started = performance.now()
      await using _ = await startBroker()
      times.push(performance.now() - started)
    }
    expect(Math.min(...times)).toBeLessThan(50)
  })

  test.each(['0.0.0.0', '::', '192.168.1.1', 'example.org', '127.example.org'])(
    'does not listen on %s',
    async (host) => {
      await expect(startEmbedded({ host })).rejects.toThrow(`listens on loopback addresses only, not on ${host}`)
    },
  )

  test('on localhost it can be reached by IPv4 and, where there is any, by IPv6, after a restart too', async () => {
    await using broker = await startBroker({ host: 'localhost' })
    const hosts = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
    const here = ['127.0.0.1', '::1'].filter((host) => hosts.includes(host))
    expect(here).toContain('127.0.0.1')
    const reachAll = async () => {
      for (const host of here) {
        await using client = await RawClient.open({ host, port: broker.port })
        expect(client.heard('connection.open-ok')).toHaveLength(1)
      }
    }
    await reachAll()
    await broker.restart()
    await reachAll()
  })

  test('lets nobody in without a user', async () => {
    await using broker = await startEmbedded({ vhosts: ['/'] })
    await expect(RawClient.open(broker)).rejects.toThrow('the socket is closed')
  })

  test('lets a user in as long as it has him', async () => {
    await using broker = await startEmbedded({ vhosts: ['/'] })
    broker.addUser('guest', 'guest', ['/'])
    await using _ = await RawClient.open(broker)
    broker.removeUser('guest')
    await expect(RawClient.open(broker)).rejects.toThrow('the socket is closed')
  })

  test('tells which connections there are, and ends the one that it is told to', async () => {
    await using broker = await startBroker({ vhosts: ['/', 'other'] })
    await using one = await RawClient.open(broker, { properties: { connection_name: 'the one' } })
    await using _two = await RawClient.open(broker, { vhost: 'other' })
    const [seen, ...others] = broker.connections('/')
    expect(others).toEqual([])
    expect(seen).toMatchObject({ name: 'the one', user: 'guest' })
    expect(broker.closeConnection('nobody', 'gone')).toBe(false)
    expect(broker.closeConnection(seen?.id ?? '', 'closed by the lab')).toBe(true)
    expect(await one.next('connection.close')).toMatchObject({
      replyCode: 320,
      replyText: 'CONNECTION_FORCED - closed by the lab',
    })
    expect(broker.connections('/')).toEqual([])
    expect(broker.connections('other')).toHaveLength(1)
  })

  test('has deleted the exclusive queues of a connection by the time its client hears that it is closed', async () => {
    await using broker = await startBroker()
    for (let n = 0; n < 20; n++) {
      await using client = await RawClient.open(broker)
      await client.call('queue.declare', { queue: 'own', exclusive: true })
      const [seen] = broker.connections('/')
      const closed = client.next('connection.close')
      broker.closeConnection(seen?.id ?? '', 'an operator says so')
      await closed
      await using heir = await RawClient.open(broker)
      await heir.call('queue.declare', { queue: 'own', exclusive: true })
      heir.socket.destroy()
      await heir.closed
    }
  })

  test('forgets a virtual host with all that is in it, and ends its connections', async () => {
    await using broker = await startBroker({ vhosts: ['/', 'other'] })
    await using client = await RawClient.open(broker, { vhost: 'other' })
    await client.call('queue.declare', { queue: 'q', durable: true })
    broker.removeVhost('other')
    expect(await client.next('connection.close')).toMatchObject({ replyCode: 320 })
    expect(broker.queues('other')).toEqual([])
    broker.addVhost('other')
    await using again = await RawClient.open(broker, { vhost: 'other' })
    again.send(1, 'queue.declare', { queue: 'q', passive: true })
    expect(await again.next('channel.close')).toMatchObject({ replyCode: 404 })
  })

  test('shows its queues', async () => {
    await using broker = await startBroker()
    await using client = await RawClient.open(broker)
    await client.call('queue.declare', { queue: 'q', durable: true, arguments: { 'x-max-length': 10 } })
    for (const body of ['a', 'b', 'c']) client.publish('q', body)
    await client.get('q', false)
    expect(broker.queues('/')).toEqual([
      { name: 'q', durable: true, ready: 2, unacknowledged: 1, consumers: 0, arguments: { 'x-max-length': 10 } },
    ])
  })
})

describe('a restart', () => {
  test('keeps the port, the users, and what is durable and persistent', async () => {
    await using broker = await startBroker()
    const { port } = broker
    await using before = await RawClient.open(broker)
    await before.call('queue.declare', { queue: 'durable', durable: true })
    await before.call('queue.declare', { queue: 'transient' })
    await before.call('queue.declare', { queue: 'mine', durable: true, exclusive: true })
    await before.call('queue.bind', { queue: 'durable', exchange: 'amq.topic', routingKey: 'a.#' })
    await before.call('confirm.select')
    before.publish('durable', 'kept', { deliveryMode: 2 })
    before.publish('durable', 'lost', { deliveryMode: 1 })
    before.publish('durable', 'out', { deliveryMode: 2 })
    await before.call('basic.qos')
    expect(await before.get('durable', false)).toEqual({ body: 'kept', redelivered: false })
    await broker.restart()
    await before.end()
    expect(before.heard('connection.close')).toHaveLength(1)
    expect(broker.port).toBe(port)
    expect(broker.queues('/').map(({ name, ready }) => [name, ready])).toEqual([['durable', 2]])
    await using after = await RawClient.open(broker)
    expect(await after.get('durable')).toEqual({ body: 'kept', redelivered: true })
    expect(await after.get('durable')).toEqual({ body: 'out', redelivered: false })
    after.publish('a.b', 'still bound', {}, 'amq.topic')
    expect(await after.get('durable')).toEqual({ body: 'still bound', redelivered: false })
  })

  test('lets nobody in meanwhile', async () => {
    await using broker = await startBroker()
    await using _client = await RawClient.open(broker)
    const restarted = broker.restart()
    expect(await refusal(broker)).toBe('ECONNREFUSED')
    await restarted
    await using _ = await RawClient.open(broker)
  })

  test('does not wait for a client that never answers', async () => {
    await using broker = await startBroker()
    await using client = await RawClient.open(broker)
    client.socket.pause()
    await broker.restart()
    client.socket.resume()
    await client.end()
  })
})

describe('a stop', () => {
  test('leaves nothing', async () => {
    const broker = await startBroker()
    await using client = await RawClient.open(broker)
    await broker.stop()
    await client.end()
    expect(await refusal(broker)).toBe('ECONNREFUSED')
    await broker.stop()
  })

  test('lets the process end by itself, whatever was going on', async () => {
    const script = join(import.meta.dirname, 'ends.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 20_000 })
    expect(stdout).toBe('stopped\n')
  })
})
