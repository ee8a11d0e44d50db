import { type BootOptions, CLOSE_REASON, type KeptBroker, type Kind } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { HANDSHAKE_LIMIT_MS, newLogin } from '../rabbitmq/definitions.ts'

/** The lab's own broker, in the keeper's process: for machines with neither Docker nor RabbitMQ. It is no RabbitMQ, and says so. */
export const kind: Kind = {
  image: () => undefined,
  probe: async () => ({ usable: true, text: "the lab's own broker: nothing to install, but it isn't RabbitMQ" }),
  boot: bootEmbedded,
}

async function bootEmbedded({ report }: BootOptions): Promise<KeptBroker> {
  report('booting', "the lab's own broker is booting")
  const { startEmbedded } = await import('../../embedded/embedded.ts')
  const broker = await startEmbedded({ handshakeLimitMs: HANDSHAKE_LIMIT_MS })
  const { host, port, product, version } = broker
  /** By virtual host. */
  const users = new Map<string, string>()
  return {
    info: { kind: 'embedded', product, version },
    host,
    port,
    management: undefined,
    // It is in this very process, and dies with it.
    died: new Promise<never>(() => {}),
    async openVhost(spelling) {
      const login = newLogin(spelling)
      broker.addVhost(login.name)
      broker.addUser(login.user, login.password, [login.name])
      users.set(login.name, login.user)
      return login
    },
    async closeVhost(name) {
      broker.removeVhost(name)
      broker.removeUser(users.get(name) ?? '')
      users.delete(name)
    },
    connections: async (vhost) => broker.connections(vhost),
    async closeConnection(_vhost, id) {
      if (!broker.closeConnection(id, CLOSE_REASON)) throw messages.connectionGone(id)
    },
    restart: () => broker.restart(),
    stop: () => broker.stop(),
  }
}
