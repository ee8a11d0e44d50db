import { Memory } from './memory.ts'
import { ReplyConsumers } from './reply-to.ts'
import { type User, Users } from './users.ts'
import { Vhost } from './vhost.ts'

/** A client's connection, as the broker knows it. */
export interface ClientConnection {
  readonly id: string
  /** What the client calls itself. */
  readonly name: string | undefined
  readonly user: User
  readonly isOpen: boolean
  readonly vhostName: string | undefined
  readonly memoryLimit: { changed(): void }
  /** An operator ends it. */
  force(reason: string): void
}

interface BrokerOptions {
  memoryHighBytes?: number
  handshakeLimitMs?: number | undefined
}

/** All that connections share. */
export class Broker {
  readonly users = new Users()
  readonly vhosts = new Map<string, Vhost>()
  readonly connections = new Set<ClientConnection>()
  readonly replies = new ReplyConsumers()
  readonly memory: Memory
  readonly handshakeLimitMs: number

  /** `memoryHighBytes`: from when on publishers must wait. `handshakeLimitMs`: how long a client has to open its connection. */
  constructor({ memoryHighBytes, handshakeLimitMs = 10_000 }: BrokerOptions = {}) {
    this.handshakeLimitMs = handshakeLimitMs
    const changed = () => {
      for (const connection of this.connections) connection.memoryLimit.changed()
    }
    this.memory = memoryHighBytes === undefined ? new Memory(changed) : new Memory(changed, memoryHighBytes)
  }

  addVhost(name: string): void {
    if (!this.vhosts.has(name)) this.vhosts.set(name, new Vhost(name, this.memory.kept))
  }

  removeVhost(name: string): void {
    const vhost = this.vhosts.get(name)
    if (vhost === undefined) return
    this.vhosts.delete(name)
    for (const connection of this.connectionsTo(name)) connection.force(`vhost '${name}' is deleted`)
    vhost.clear()
  }

  connectionsTo(vhost: string): ClientConnection[] {
    return [...this.connections].filter((connection) => connection.isOpen && connection.vhostName === vhost)
  }
}
