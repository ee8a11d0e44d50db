import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Broker, BrokerNode, Harm, Vhost } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import { brokersFolder } from '../../lab/broker/home.ts'
import { readAddresses } from '../../lab/broker/keeper/state-file.ts'
import { CLUSTERS } from '../../lab/broker/kinds/kind.ts'
import { stopWarm } from '../../lab/broker/warm.ts'
import { Command } from './command.ts'
import { isNothing, keeperProcesses, makeRoot, removeRoot, traces, underTest } from './ground.ts'
import { until } from './until.ts'

/** Clusters of three nodes: what can be done to them, that they are whole again, and that nothing is left of them. */

const QUORUM = { durable: true, arguments: { 'x-queue-type': 'quorum' } }

for (const { kind, missing } of await underTest(CLUSTERS)) {
  if (missing !== undefined) {
    test.skip(`${kind}: can't be tested here: ${missing}`)
    continue
  }
  describe(kind, () => {
    const root = makeRoot()
    const texts: string[] = []
    let cluster: Broker
    beforeAll(async () => {
      cluster = await openBroker({ kind, root, idleMs: 60_000, onStarting: ({ text }) => texts.push(text) })
    })
    afterAll(() => removeRoot(root))

    test('says what it is, and what went on while it started', () => {
      expect(cluster.info).toMatchObject({ kind, product: 'RabbitMQ' })
      expect(cluster.nodes.map(({ name }) => name)).toEqual(['n1', 'n2', 'n3'])
      expect(new Set(cluster.nodes.map(({ port }) => port)).size).toBe(3)
      expect(texts).toContain('a cluster of three nodes is booting: 2 of 3 are up')
    })

    test.each<[Harm, number]>([
      ['kill', 0],
      ['stop', 1],
      ['freeze', 2],
    ])('%s: the others go on without the node, and it comes back', async (how, at) => {
      const [victim, ...others] = [...cluster.nodes.slice(at), ...cluster.nodes.slice(0, at)] as [
        BrokerNode,
        BrokerNode,
        BrokerNode,
      ]
      await using turn = await cluster.turn()
      await using vhost = await cluster.openVhost()
      await using led = await dial(vhost, how === 'freeze' ? others[0] : victim)
      // Whoever declares a queue leads it. A leader that stands still is replaced, too, but who comes new to the queue
      // does not hear of that for a minute: so the node that is frozen leads nothing.
      await led.channel.assertQueue('tasks', QUORUM)
      await led.publish('before')

      await turn.harm(victim.name, how)
      if (how !== 'freeze') await expect(dial(vhost, victim)).rejects.toThrow()
      await using other = await dial(vhost, others[0])
      await other.publish('after')
      await using third = await dial(vhost, others[1])
      expect(await third.take('tasks', 2)).toEqual(['before', 'after'])

      await turn.mend()
      await using back = await dial(vhost, victim)
      const { queue } = await back.channel.assertQueue('more tasks', QUORUM)
      expect(await membersOf(cluster, vhost, queue)).toBe(3)
    })

    test('a node is started again while another stays down', async () => {
      await using turn = await cluster.turn()
      await using vhost = await cluster.openVhost()
      const [one, other, third] = cluster.nodes as [BrokerNode, BrokerNode, BrokerNode]
      await turn.harm(one.name, 'stop')
      await turn.harm(other.name, 'kill')
      await turn.revive(one.name)
      await using back = await dial(vhost, one)
      await using stayed = await dial(vhost, third)
      await stayed.channel.assertQueue('tasks', QUORUM)
      await back.publish('with two')
      await expect(turn.revive('n9')).rejects.toMatchObject({ code: 'no-such-node' })
    })

    test('whoever harms a node and is killed leaves the next one a cluster that is whole', async () => {
      const command = startCommand()
      await command.order({ do: 'open', options: { kind, root } })
      await command.order({ do: 'turn', restarts: false })
      const waiting = cluster.turn()
      await command.order({ do: 'harm', node: 'n3', how: 'kill' })
      await command.order({ do: 'harm', node: 'n1', how: 'freeze' })
      await command.kill()
      await using _turn = await waiting
      await using vhost = await cluster.openVhost()
      for (const node of cluster.nodes) await (await dial(vhost, node))[Symbol.asyncDispose]()
    })

    test('only who has a turn may harm a node, and only one of the cluster', async () => {
      const turn = await cluster.turn()
      await expect(turn.harm('rabbit@elsewhere', 'kill')).rejects.toMatchObject({ code: 'no-such-node' })
      await expect(turn.restart()).rejects.toThrow('a cluster is not restarted')
      await turn[Symbol.asyncDispose]()
      await expect(turn.harm('n1', 'kill')).rejects.toMatchObject({ code: 'no-turn-at-cluster' })
    })

    test('nothing is left when its keeper is killed, though a node stands still', async () => {
      const turn = await cluster.turn()
      await turn.harm('n2', 'freeze')
      const before = await traces(root)
      expect(isNothing(before)).toBe(false)
      for (const { pid } of keeperProcesses(root)) process.kill(pid, 'SIGKILL')
      await until('everything to be gone', () => traces(root, before), isNothing)
      expect(cluster.lost.aborted).toBe(true)
    })

    test('nothing is left of one that is killed, or stopped, while it is being made', async () => {
      for (const end of ['kill', 'stop'] as const) {
        // Who has not been told anything by its keeper yet would look for another one.
        const told = new Set<string>()
        const opening = openBroker({ kind, root, onStarting: ({ phase }) => told.add(phase) })
        opening.catch(() => {})
        const before = await until(
          'something to be there',
          () => traces(root),
          (found) =>
            (told.has('preparing') || told.has('booting')) && found.containers.length + found.folders.length > 0,
        )
        if (end === 'stop') await stopWarm(root)
        else process.kill(readAddresses(brokersFolder(root))[0]?.address?.pid ?? 0, 'SIGKILL')
        await expect(opening).rejects.toMatchObject({ code: end === 'stop' ? 'broker-stopped' : 'broker-lost' })
        await until('everything to be gone', () => traces(root, before), isNothing)
      }
    })
  })
}

function startCommand(): Command {
  const command = new Command()
  onTestFinished(() => command.kill())
  return command
}

/** A client at one node. */
async function dial(vhost: Vhost, node: BrokerNode | undefined) {
  const model = await connect(vhost.url(node), { noDelay: true, timeout: 20_000 })
  model.on('error', () => {})
  const open = async () => {
    const channel = await model.createConfirmChannel()
    return channel.on('error', () => {})
  }
  let channel = await open()
  return {
    channel,
    async publish(task: string) {
      // A queue that is choosing its leader may say no, and on 3.10 a channel that has heard that hears nothing else.
      await until('the task to be confirmed', async () => {
        channel.sendToQueue('tasks', Buffer.from(task), { persistent: true })
        const isConfirmed = await channel.waitForConfirms().then(
          () => true,
          () => false,
        )
        if (!isConfirmed) channel = await open()
        return isConfirmed
      })
    },
    async take(queue: string, count: number): Promise<string[]> {
      const { promise, resolve } = Promise.withResolvers<string[]>()
      const taken: string[] = []
      await channel.consume(queue, (message) => {
        if (message === null) return
        channel.ack(message)
        taken.push(message.content.toString())
        if (taken.length === count) resolve(taken)
      })
      return promise
    },
    async [Symbol.asyncDispose]() {
      // One whose node is gone never answers: it is not asked.
      const { stream } = model.connection as unknown as { stream: Socket }
      if (!stream.closed) await once(stream.destroy(), 'close')
    },
  }
}

async function membersOf(cluster: Broker, vhost: Vhost, queue: string): Promise<number> {
  const { url = '', user = '', password = '' } = cluster.management ?? {}
  const headers = { authorization: `Basic ${btoa(`${user}:${password}`)}` }
  const answer = await fetch(`${url}api/queues/${encodeURIComponent(vhost.name)}/${queue}`, { headers })
  return ((await answer.json()) as { members: string[] }).members.length
}
