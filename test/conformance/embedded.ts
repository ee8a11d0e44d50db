import { randomBytes } from 'node:crypto'
import type { Vhost } from '../../lab/broker/broker.ts'
import { startEmbedded } from '../../lab/embedded/embedded.ts'
import type { Ground } from './stage.ts'

/** The lab's own keeper gives this reason on RabbitMQ. */
const CLOSE_REASON = 'closed by the lab'

/** The embedded broker as a ground, in this process. */
export async function openEmbedded(): Promise<Ground> {
  const broker = await startEmbedded({ vhosts: ['/'] })
  const { host, port } = broker
  let turns = 0
  let waiting: PromiseWithResolvers<void>[] = []

  /** A restart is shared, as on the others: it comes when all that have a turn want it. */
  function restartWhenAllWant(): void {
    if (waiting.length === 0 || waiting.length < turns) return
    const all = waiting
    waiting = []
    broker.restart().then(
      () => all.forEach(({ resolve }) => void resolve()),
      (error) => all.forEach(({ reject }) => void reject(error)),
    )
  }

  function restart(): Promise<void> {
    const wanted = Promise.withResolvers<void>()
    waiting.push(wanted)
    restartWhenAllWant()
    return wanted.promise
  }

  async function endTurn(): Promise<void> {
    turns--
    restartWhenAllWant()
  }

  async function openVhost(): Promise<Vhost> {
    const id = randomBytes(4).toString('hex')
    const [name, user, password] = [`lab-${id}`, `student-${id}`, randomBytes(12).toString('hex')]
    broker.addVhost(name)
    broker.addUser(user, password, [name])
    return {
      name,
      user,
      password,
      url: (at = { host, port }) => `amqp://${user}:${password}@${at.host}:${at.port}/${name}`,
      connections: async () => broker.connections(name),
      closeConnection: async (connection) => {
        if (!broker.closeConnection(connection, CLOSE_REASON)) throw new Error(`there is no connection ${connection}`)
      },
      [Symbol.asyncDispose]: async () => {
        broker.removeVhost(name)
        broker.removeUser(user)
      },
    }
  }

  return {
    name: `${broker.product} ${broker.version}`,
    series: 'embedded',
    host,
    port,
    openVhost,
    turn: async () => {
      turns++
      return { restart, [Symbol.asyncDispose]: endTurn }
    },
    [Symbol.asyncDispose]: () => broker.stop(),
  }
}
