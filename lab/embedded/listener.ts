import { createServer, type Server, type Socket } from 'node:net'

/** More clients than that at a time are turned away: a flood of them must not take the memory of all. */
const MOST_CONNECTIONS = 4_096

/** The port that clients come to. It can be closed and opened again, and is the same one then. */
export class Listener {
  readonly host: string
  readonly #accept: (socket: Socket) => void
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port: number

  /** @param port 0: any that is free */
  constructor(host: string, port: number, accept: (socket: Socket) => void) {
    this.host = host
    this.#port = port
    this.#accept = accept
  }

  get port(): number {
    return this.#port
  }

  async open(): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      this.#accept(socket)
    })
    server.maxConnections = MOST_CONNECTIONS
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, this.host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    // An error of one client's is none of the server's.
    server.on('error', () => {})
    const address = server.address()
    if (address !== null && typeof address === 'object') this.#port = address.port
    this.#server = server
  }

  /** From now on nobody else comes in; those who are here stay. Resolves when the last of them has gone. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
