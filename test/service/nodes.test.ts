import { expect, test } from 'vitest'
import type { Harm, Turn } from '../../lab/broker/broker.ts'
import { Nodes } from '../../lab/service/nodes.ts'

/** A cluster of three that does as it is told, and notes it; whatever it is told comes when `answer` is called. */
class FakeCluster {
  readonly nodes = ['n1', 'n2', 'n3'].map((name, i) => ({ name, host: '127.0.0.1', port: 5672 + i }))
  readonly done: string[] = []
  /** What a node does when it is told to stop or to start. */
  answer = async (_what: string): Promise<void> => {}

  async turn(): Promise<Turn> {
    this.done.push('turn')
    const act = async (what: string) => {
      await this.answer(what)
      this.done.push(what)
    }
    return {
      harm: (node: string, how: Harm) => act(`${how} ${node}`),
      revive: (node: string) => act(`revive ${node}`),
      restart: () => act('restart'),
      mend: () => act('mend'),
      [Symbol.asyncDispose]: () => act('leave'),
    }
  }
}

function nodesOf(cluster: FakeCluster, at = 'n2') {
  const said: string[] = []
  const nodes = new Nodes({ broker: cluster, hasService: (name) => name === at, say: (text) => said.push(text) })
  return { nodes, said, states: () => nodes.all.map(({ name, state }) => `${name} ${state}`).join(', ') }
}

test('a node is stopped and started again in one turn at the cluster, which ends when all are up', async () => {
  const cluster = new FakeCluster()
  const { nodes, said, states } = nodesOf(cluster)
  await nodes.stop('n1')
  expect(states()).toBe('n1 stopped, n2 up, n3 up')
  expect(nodes.up?.name).toBe('n2')
  await nodes.stop('n3')
  await nodes.start('n1')
  expect(cluster.done).toEqual(['turn', 'stop n1', 'stop n3', 'revive n1'])
  await nodes.start('n3')
  expect(cluster.done.slice(-2)).toEqual(['revive n3', 'leave'])
  expect(said).toEqual([
    expect.stringContaining('n1 stops as soon as no check needs the cluster.'),
    'n1 was stopped. 2 of 3 nodes are left, which is a majority, so a quorum queue keeps working.',
    "n3 was stopped. 1 of 3 nodes is left, which isn't a majority, so a quorum queue stops working until another node is up.",
    'n1 is up again: 2 of 3 nodes are up.',
    'n3 is up again, and so are all the others.',
  ])
})

test('the last node stays', async () => {
  const cluster = new FakeCluster()
  const { nodes, said } = nodesOf(cluster)
  for (const name of ['n1', 'n2', 'n3']) await nodes.stop(name)
  expect(cluster.done).toEqual(['turn', 'stop n1', 'stop n2'])
  expect(said.at(-1)).toContain('the last node that is up')
})

test('what is asked for twice is done once, and one thing after the other', async () => {
  const cluster = new FakeCluster()
  const { nodes, states } = nodesOf(cluster)
  const gate = Promise.withResolvers<void>()
  cluster.answer = () => gate.promise
  const all = [nodes.stop('n1'), nodes.stop('n1'), nodes.start('n1'), nodes.stop('n3')]
  expect(states()).toBe('n1 stopping, n2 up, n3 stopping')
  const underWay = nodes.underWay
  gate.resolve()
  await Promise.all([...all, underWay])
  expect(nodes.underWay).toBeUndefined()
  expect(cluster.done).toEqual(['turn', 'stop n1', 'stop n3'])
})

test('one key stops the node that the service is at, and then starts it', async () => {
  const cluster = new FakeCluster()
  const { nodes } = nodesOf(cluster, 'n3')
  await nodes.next()
  await nodes.next()
  expect(cluster.done).toEqual(['turn', 'stop n3', 'revive n3', 'leave'])
})

test('a node that can’t be stopped is up as before', async () => {
  const cluster = new FakeCluster()
  const { nodes, states } = nodesOf(cluster)
  cluster.answer = async (what) => (what === 'leave' ? undefined : Promise.reject(new Error('it does not listen')))
  await expect(nodes.stop('n2')).rejects.toThrow('it does not listen')
  expect(cluster.done).toEqual(['turn', 'leave'])
  expect(states()).toBe('n1 up, n2 up, n3 up')
  expect(nodes.underWay).toBeUndefined()
})

test('a run that ends leaves the turn, and the cluster is made whole by its keeper', async () => {
  const cluster = new FakeCluster()
  const { nodes } = nodesOf(cluster)
  await nodes.stop('n2')
  await nodes[Symbol.asyncDispose]()
  expect(cluster.done.at(-1)).toBe('leave')
})
