import { createServer, type Server, type Socket } from 'node:net'

/** More clients than that at a time are turned away: a flood of them must not take the memory of all. */
const MOST_CONNECTIONS = 4_096

/** Where a machine has no IPv6, or not for loopback, the others will do. */
const NOT_HERE = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** The port that clients come to. It can be closed and opened again, and is the same one then. */
export class Listener {
  /** The first of its addresses. */
  readonly host: string
  readonly #hosts: readonly string[]
  readonly #accept: (socket: Socket) => void
  readonly #sockets = new Set<Socket>()
  #servers: Server[] = []
  #port: number

  /**
   * @param hosts addresses, each of which listens on the port; the first one has to be there
   * @param port 0: any that is free
   */
  constructor(hosts: readonly [string, ...string[]], port: number, accept: (socket: Socket) => void) {
    this.host = hosts[0]
    this.#hosts = hosts
    this.#port = port
    this.#accept = accept
  }

  get port(): number {
    return this.#port
  }

  async open(): Promise<void> {
    try {
      for (const host of this.#hosts) await this.#listen(host)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async #listen(host: string): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      this.#accept(socket)
    })
    server.maxConnections = MOST_CONNECTIONS
    const listening = new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    try {
      await listening
    } catch (error) {
      if (this.#servers.length > 0 && NOT_HERE.has(String((error as { code?: string }).code))) return
      throw error
    }
    // An error of one client's is none of the server's.
    server.on('error', () => {})
    const address = server.address()
    if (address !== null && typeof address === 'object') this.#port = address.port
    this.#servers.push(server)
  }

  /** From now on nobody else comes in; those who are here stay. Resolves when the last of them has gone. */
  async close(): Promise<void> {
    const servers = this.#servers
    this.#servers = []
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
  }

  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
