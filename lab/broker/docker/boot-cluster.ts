import type { StartedTestContainer } from 'testcontainers'
import { LogTail } from '../keeper/log-tail.ts'
import type { BootOptions, KeptBroker } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { bootCluster } from '../rabbitmq/cluster.ts'
import { prepareBirth, secret } from '../rabbitmq/definitions.ts'
import { clusterConfig, newsOf } from '../rabbitmq/supervisor.ts'
import { employJanitor } from './employ-janitor.ts'
import type { Engine } from './engine.ts'
import { labelsOf } from './labels.ts'
import type { LeasedContainer } from './leased-container.ts'
import { LOOPBACK, prepareDocker } from './prepare.ts'
import { clearContainers, clearNetworks, sweepContainers } from './sweep.ts'

const NAMES = ['n1', 'n2', 'n3']

/**
 * Boots three nodes, each in a container of its own, on a network of their own; see Kind.boot. The janitor stays: Docker
 * removes a container that has ended by itself, but no network.
 */
export async function bootContainerCluster(options: BootOptions): Promise<KeptBroker> {
  const { engine, image, command, host, LeasedContainer, AMQP_PORT, MANAGEMENT_PORT } = await prepareDocker(options)
  options.report('preparing', `starting three containers of ${image}`)
  const labels = labelsOf(options.owner)
  const janitor = employJanitor(engine, options.owner)
  void sweepContainers(engine, options.owner.folder).catch((error: unknown) => options.log(`sweep: ${error}`))
  const birth = prepareBirth(0)
  const log = new LogTail(options.log)
  const cookie = secret()
  const config = clusterConfig(NAMES.map((name) => `rabbit@${name}`))
  const listeners: ((line: string) => void)[] = [log.add]
  const onLine = (line: string) => listeners.forEach((listen) => void listen(line))
  const containers = new Map<string, LeasedContainer>()
  const clear = async () => {
    for (const container of containers.values()) container.endLease()
    await clearAway(engine, labels)
    janitor.done()
  }

  let started: (readonly [string, StartedTestContainer])[]
  try {
    options.signal.throwIfAborted()
    const network = `cluster-up-${options.owner.id}`
    await engine.createNetwork(network, labels)
    const node = (name: string) => ({ name, network, cookie, config })
    const common = { image, command, labels, definitions: birth.definitions, loopbackOnly: host === LOOPBACK, onLine }
    const starting = NAMES.map(async (name) => {
      const container = new LeasedContainer({ ...common, node: node(name) })
      containers.set(name, container)
      return [name, await container.start()] as const
    })
    // All have begun or failed: none comes into being behind the back of who clears away.
    await Promise.allSettled(starting)
    started = await Promise.all(starting)
    options.signal.throwIfAborted()
  } catch (error) {
    await clear()
    options.signal.throwIfAborted()
    throw messages.containerRefused(image, error instanceof Error ? error.message : String(error), error)
  }

  return bootCluster(
    'container-cluster',
    {
      nodes: started.map(([name, container]) => ({
        name,
        host,
        port: container.getMappedPort(AMQP_PORT),
        managementPort: container.getMappedPort(MANAGEMENT_PORT),
      })),
      tell: (node, word) => containers.get(node)?.tell(`${word} ${node}`),
      hear: (listener) =>
        listeners.push((line) => {
          const news = newsOf(line)
          if (news) listener(news)
        }),
      died: Promise.race(
        [...containers].map(async ([name, container]) => {
          const code = await container.ended
          return code < 0 ? 'Docker itself went away' : `the container of node ${name} exited with code ${code}`
        }),
      ),
      log: log.lines,
      async stop() {
        await clear()
        await Promise.all([...containers.values()].map((container) => container.ended))
      },
    },
    birth,
    options,
  )
}

async function clearAway(engine: Engine, labels: Record<string, string>): Promise<void> {
  await clearContainers(engine, labels)
  await clearNetworks(engine, labels)
}
