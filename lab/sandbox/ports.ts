import { LabError } from '../errors.ts'
import type { Listening, Peer, Ports } from '../ports.ts'
import type { AgentLine } from './agent-line.ts'
import type { SandboxConnection } from './connection.ts'
import type { FromAgent } from './heard.ts'

/** A sandbox has a loopback of its own: nobody else takes a port there but the exercise, and below 32768 it is given none. */
const FIRST = 20_000

type AboutPorts = Extract<FromAgent, { port: number; say: 'listening' | 'not-listening' | 'port-closed' }>

/** The ports on a sandbox's loopback on which the lab listens. */
export class SandboxPorts implements Ports {
  readonly host = '127.0.0.1'
  readonly #line: AgentLine
  readonly #listeners = new Map<number, (peer: Peer) => void>()
  readonly #opening = new Map<number, PromiseWithResolvers<void>>()
  readonly #closing = new Map<number, PromiseWithResolvers<void>>()
  #next = FIRST
  #isOver = false

  constructor(line: AgentLine) {
    this.#line = line
  }

  async listen(listener: (peer: Peer) => void): Promise<{ server: Listening; port: number }> {
    for (;;) {
      const port = this.#next++
      try {
        return { server: await this.listenAgain(port, listener), port }
      } catch (error) {
        if (this.#isOver) throw error
      }
    }
  }

  async listenAgain(port: number, listener: (peer: Peer) => void): Promise<Listening> {
    if (this.#isOver) throw taken(port, 'the sandbox is gone')
    const opening = Promise.withResolvers<void>()
    this.#opening.set(port, opening)
    this.#listeners.set(port, listener)
    this.#line.say({ do: 'listen', port })
    await opening.promise
    return { close: (closed) => void this.#close(port).then(closed) }
  }

  async untilRefused(port: number): Promise<void> {
    await this.#closing.get(port)?.promise
  }

  giveBack(): void {
    // No port is used twice.
  }

  said({ say, port, ...more }: AboutPorts): void {
    if (say === 'port-closed') {
      this.#closing.get(port)?.resolve()
      this.#closing.delete(port)
      return
    }
    const opening = this.#opening.get(port)
    this.#opening.delete(port)
    if (say === 'listening') opening?.resolve()
    else opening?.reject(taken(port, 'message' in more ? String(more.message) : ''))
  }

  accept(port: number, connection: SandboxConnection): void {
    const listener = this.#listeners.get(port)
    if (listener) listener(connection)
    else connection.destroy()
  }

  over(): void {
    this.#isOver = true
    for (const [port, { reject }] of this.#opening) reject(taken(port, 'the sandbox is gone'))
    for (const { resolve } of this.#closing.values()) resolve()
  }

  #close(port: number): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    const closing = Promise.withResolvers<void>()
    this.#closing.set(port, closing)
    this.#line.say({ do: 'close', port })
    return closing.promise
  }
}

function taken(port: number, why: string): LabError {
  return new LabError('port-taken', `The lab can't listen on port ${port} in the sandbox: ${why}.`)
}
