import type { Connection } from './connection/connection.ts'
import { Memory } from './memory.ts'
import { ReplyConsumers } from './reply-to.ts'
import { Users } from './users.ts'
import { Vhost } from './vhost.ts'

/** All that connections share. */
export class Broker {
  readonly users = new Users()
  readonly vhosts = new Map<string, Vhost>()
  readonly connections = new Set<Connection>()
  readonly replies = new ReplyConsumers()
  readonly memory: Memory

  /** @param memoryHighBytes from when on publishers must wait */
  constructor(memoryHighBytes?: number) {
    const changed = () => {
      for (const connection of this.connections) connection.room.changed()
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

  connectionsTo(vhost: string): Connection[] {
    return [...this.connections].filter((connection) => connection.isOpen && connection.vhostName === vhost)
  }
}
