import { type ChannelModel, connect, type GetMessage } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Broker, Vhost } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import type { KindName } from '../../lab/broker/kinds/kind.ts'
import { isNothing, keeperProcesses, makeRoot, PRODUCTS, removeRoot, traces } from './ground.ts'
import { until } from './until.ts'

const IDLE_MS = 300

/** Declares the tests of what broker.ts promises. One broker serves all of a kind's tests, as it serves all checks. */
export function keepsItsPromises(kind: KindName): void {
  describe(kind, () => {
    const root = makeRoot()
    const phases: string[] = []
    let broker: Broker
    beforeAll(async () => {
      broker = await openBroker({ kind, root, idleMs: IDLE_MS, onStarting: ({ phase }) => phases.push(phase) })
    })
    afterAll(() => removeRoot(root))

    test('says what it is, and what went on while it started', () => {
      expect(broker.info).toMatchObject({
        kind,
        product: PRODUCTS[kind],
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      })
      expect(phases[0]).toBe('looking')
      // The embedded one is ready before anybody can be told.
      if (kind === 'embedded') return
      expect(phases).toContain('booting')
      expect(phases.at(-1)).toBe('ready')
    })

    test('a user can do everything in the own virtual host', async () => {
      await using vhost = await broker.openVhost()
      await using client = await dial(vhost.url())
      const channel = await client.model.createConfirmChannel()
      await channel.assertQueue('tasks', { durable: true })
      await channel.assertExchange('events', 'topic')
      await channel.bindQueue('tasks', 'events', '#')
      channel.publish('events', 'a', Buffer.from('hello'))
      await channel.waitForConfirms()
      const message = await channel.get('tasks', { noAck: true })
      expect(textOf(message)).toBe('hello')
    })

    test('a user gets into no other virtual host, nor into the management', async () => {
      await using vhost = await broker.openVhost()
      await using other = await broker.openVhost()
      const { host, port } = broker
      const user = `${vhost.user}:${vhost.password}`
      await expect(dial(`amqp://${user}@${host}:${port}/${other.name}`)).rejects.toThrow('ConnectionClose')
      await expect(dial(`amqp://${user}@${host}:${port}/%2F`)).rejects.toThrow('ConnectionClose')
      await expect(dial(`amqp://${vhost.user}:wrong@${host}:${port}/${vhost.name}`)).rejects.toThrow('403')
      if (kind === 'embedded') return expect(broker.management).toBeUndefined()
      expect(await managementStatus(broker, vhost)).toBe(401)
      // Its statistics come up a moment later than the broker.
      await until(
        'the management to let its own user in',
        () => managementStatus(broker, broker.management ?? expect.fail('no management')),
        (status) => status === 200,
      )
    })

    test('odd names and passwords work when percent-encoded', async () => {
      await using vhost = await broker.openVhost({ spelling: 'odd' })
      for (const each of [' ', '/', '%', '@', ':']) {
        expect(vhost.name).toContain(each)
        expect(vhost.password).toContain(each)
      }
      await using _client = await dial(vhost.url())
      const [seen] = await vhost.connections()
      expect(seen?.user).toBe(vhost.user)
    })

    test('ten virtual hosts at once are ten', async () => {
      const vhosts = await Promise.all(Array.from({ length: 10 }, () => broker.openVhost()))
      expect(new Set(vhosts.map(({ name }) => name)).size).toBe(10)
      const clients = await Promise.all(vhosts.map((vhost) => dial(vhost.url())))
      for (const each of [...clients, ...vhosts]) await each[Symbol.asyncDispose]()
    })

    test('a virtual host that is given back is gone, and so are its connections', async () => {
      const vhost = await broker.openVhost()
      await using client = await dial(vhost.url())
      await vhost[Symbol.asyncDispose]()
      await client.closed
      if (kind !== 'embedded') {
        await until(
          'the virtual host to be gone',
          () => vhostNames(broker),
          (names) => names !== undefined && !names.includes(vhost.name),
        )
      }
      await expect(vhost.connections()).rejects.toMatchObject({ code: 'vhost-closed' })
    })

    test('a connection is seen at once, by its name', async () => {
      await using vhost = await broker.openVhost()
      await using other = await broker.openVhost()
      await using _elsewhere = await dial(other.url(), 'elsewhere')
      for (const name of ['first', 'second', undefined]) {
        await using _client = await dial(vhost.url(), name)
        expect(await vhost.connections()).toEqual([{ id: expect.any(String), name, user: vhost.user }])
      }
      await until(
        'the last connection to be gone',
        () => vhost.connections(),
        (seen) => seen.length === 0,
      )
    })

    test('the only connection is closed by force, with 320', async () => {
      await using vhost = await broker.openVhost()
      await using client = await dial(vhost.url(), 'victim')
      const [seen] = await vhost.connections()
      await vhost.closeConnection(seen?.id ?? '')
      expect(await client.closed).toMatchObject({ code: 320 })
      await expect(vhost.closeConnection(seen?.id ?? '')).rejects.toMatchObject({ code: 'connection-gone' })
    })

    test('one connection of several is closed by force, and the others stay', async () => {
      await using vhost = await broker.openVhost()
      await using bystander = await dial(vhost.url(), 'bystander')
      await using victim = await dial(vhost.url(), 'victim')
      const seen = await vhost.connections()
      await vhost.closeConnection(seen.find(({ name }) => name === 'victim')?.id ?? '')
      expect(await victim.closed).toMatchObject({ code: 320 })
      await bystander.model.createChannel()
      expect((await vhost.connections()).map(({ name }) => name)).toEqual(['bystander'])
    })

    test('a restart keeps what is durable, drops the rest, and ends connections', async () => {
      await using vhost = await broker.openVhost()
      await using before = await dial(vhost.url())
      const channel = await before.model.createConfirmChannel()
      await channel.assertQueue('durable', { durable: true })
      await channel.assertQueue('passing', { durable: false })
      channel.sendToQueue('durable', Buffer.from('kept'), { persistent: true })
      channel.sendToQueue('durable', Buffer.from('dropped'), { persistent: false })
      await channel.waitForConfirms()
      {
        await using turn = await broker.turn({ restarts: true })
        await turn.restart()
      }
      await before.closed
      await using after = await dial(vhost.url(), 'after the restart')
      const again = await after.model.createChannel()
      const message = await again.get('durable', { noAck: true })
      expect(textOf(message)).toBe('kept')
      expect(await again.get('durable', { noAck: true })).toBe(false)
      expect((await vhost.connections()).map(({ name }) => name)).toEqual(['after the restart'])
      await expect(again.checkQueue('passing')).rejects.toThrow('404')
    })

    test('a turn that is waited for can be given up, and restarts need leave', async () => {
      await using reader = await broker.turn()
      await expect(reader.restart()).rejects.toThrow('{ restarts: true }')
      const restarter = await broker.turn({ restarts: true })
      const restarted = restarter.restart()
      const giveUp = new AbortController()
      const waiting = broker.turn({ signal: giveUp.signal })
      giveUp.abort(new Error('no time'))
      await expect(waiting).rejects.toThrow('no time')
      await restarter[Symbol.asyncDispose]()
      await expect(restarted).rejects.toThrow('the turn has ended')
    })

    test('a warm broker is shared, by name of the kind and by its key', async () => {
      await using same = await openBroker({ kind, root })
      await using byKey = await openBroker({ kind, key: broker.key, root })
      expect([same.port, byKey.port]).toEqual([broker.port, broker.port])
      await expect(openBroker({ kind, key: 'no-such', root })).rejects.toMatchObject({ code: 'broker-gone' })
    })

    test('it ends when nobody has used it for a while, and nothing is left', async () => {
      const before = await traces(root)
      // The embedded one is in its keeper's own process.
      expect(isNothing(before)).toBe(kind === 'embedded')
      expect(keeperProcesses(root)).toHaveLength(1)
      await broker[Symbol.asyncDispose]()
      expect(broker.lost.aborted).toBe(false)
      await expect(broker.openVhost()).rejects.toMatchObject({ code: 'broker-released' })
      await until('the broker to be gone', () => traces(root, before), isNothing)
      await until(
        'its keeper to be gone',
        () => keeperProcesses(root),
        (found) => found.length === 0,
      )
    })
  })
}

/** A client connection, with its end as a promise: the error that it was closed with. */
async function dial(url: string, name?: string) {
  const clientProperties = name === undefined ? {} : { connection_name: name }
  const model: ChannelModel = await connect(url, { noDelay: true, clientProperties })
  const closed = new Promise<unknown>((resolve) => model.on('close', resolve))
  model.on('error', () => {})
  return { model, closed, [Symbol.asyncDispose]: () => model.close().catch(() => {}) }
}

function textOf(message: GetMessage | false): string | undefined {
  return message ? message.content.toString() : undefined
}

async function managementStatus(broker: Broker, { user, password }: { user: string; password: string }) {
  return (await callManagement(broker, 'overview', user, password)).status
}

/** Undefined where the API has no answer for a moment: while one of those that it lists is being deleted. */
async function vhostNames(broker: Broker): Promise<string[] | undefined> {
  const { user = '', password = '' } = broker.management ?? {}
  const answer = await callManagement(broker, 'vhosts', user, password)
  const text = await answer.text()
  return answer.ok && text !== '' ? (JSON.parse(text) as Vhost[]).map(({ name }) => name) : undefined
}

function callManagement(broker: Broker, what: string, user: string, password: string): Promise<Response> {
  return fetch(`${broker.management?.url}api/${what}`, {
    headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
  })
}
