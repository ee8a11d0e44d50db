import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Mount } from './staging.ts'

/**
 * A socket that the agent in a sandbox calls, for a sandbox whose standard streams pass through several processes. It takes
 * one call: the agent makes it before anything of the student's runs.
 */
export class AgentSocket {
  readonly mount: Mount
  /** Where the agent finds it. Nobody else is told, and its folder can't be listed. */
  readonly path: string
  readonly called: Promise<Socket>
  readonly #server: Server

  /**
   * @param folder outside: what the folders of the mounts are in
   * @param at where a folder of the sandbox's can be for it
   * @returns undefined where there can be none: the path of a socket may not be long
   */
  static async open(folder: string, at: string): Promise<AgentSocket | undefined> {
    const from = join(folder, 'line')
    const name = randomUUID().slice(0, 13)
    mkdirSync(from)
    chmodSync(from, 0o711)
    const server = createServer()
    const listening = Promise.withResolvers<boolean>()
    server.on('error', () => listening.resolve(false))
    server.listen({ path: join(from, name), writableAll: true }, () => listening.resolve(true))
    return (await listening.promise) ? new AgentSocket(server, { from, at }, `${at}/${name}`) : undefined
  }

  private constructor(server: Server, mount: Mount, path: string) {
    this.#server = server
    this.mount = mount
    this.path = path
    this.called = new Promise((resolve) => {
      server.once('connection', (socket) => {
        this.close()
        resolve(socket)
      })
    })
  }

  close(): void {
    this.#server.close()
  }
}
