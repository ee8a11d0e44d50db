import { timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { safeParse } from 'valibot'
import type { Starting } from '../broker.ts'
import type { KeptBroker, LeasedBroker } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { Guards } from './guards.ts'
import { type FromKeeper, type KeeperStatus, receiveLines, sendLine, toSent } from './protocol.ts'
import { Hello, Request } from './requests.ts'
import type { Turns } from './turns.ts'
import type { TurnsAlone } from './turns-alone.ts'

/** What a lease needs of its keeper. */
export interface LeaseKeeper {
  readonly broker: KeptBroker | undefined
  readonly starting: Starting | undefined
  readonly status: KeeperStatus
  readonly token: string
  readonly turns: Turns | TurnsAlone
  readonly isRegistered: boolean
  readonly isLeaving: boolean
  /** Resolves when everything has been stopped. */
  readonly left: Promise<void>
  usersChanged(): void
  leave(): Promise<void>
}

/** One client's connection, and all that it has taken: when the one ends, the other is given back. */
export class Lease {
  readonly #keeper: LeaseKeeper
  readonly #socket: Socket
  readonly #name: string
  readonly #guards = new Guards()
  readonly #vhosts = new Set<string>()
  readonly #turns = new Set<number>()
  #role: 'stranger' | 'visitor' | 'user' = 'stranger'
  #toldLeased = false
  #ended = false

  /** @param name no other lease of the keeper has it */
  constructor(keeper: LeaseKeeper, name: string, socket: Socket, onEnd: () => void) {
    this.#keeper = keeper
    this.#name = name
    this.#socket = socket
    receiveLines(socket, (message) => this.#receive(message))
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      this.#ended = true
      this.#giveBack()
      onEnd()
    })
  }

  get isUser(): boolean {
    return this.#role === 'user' && !this.#ended
  }

  tellStarting(starting: Starting): void {
    if (this.isUser) this.#send({ event: 'starting', starting })
  }

  tellLeased(broker: LeasedBroker): void {
    if (!this.isUser || this.#toldLeased) return
    this.#toldLeased = true
    this.#send({ event: 'leased', broker })
  }

  tellFailed(error: unknown): void {
    this.#send({ event: 'failed', error: toSent(error) })
    this.#socket.end()
  }

  endGuarded(): void {
    this.#guards.killAll()
  }

  #giveBack(): void {
    this.#guards.killAll()
    for (const turn of this.#turns) this.#keeper.turns.leave(this.#turnName(turn))
    for (const name of this.#vhosts) void this.#keeper.broker?.closeVhost(name)
    this.#vhosts.clear()
  }

  #receive(message: unknown): void {
    if (this.#role === 'stranger') this.#receiveHello(message)
    else this.#receiveRequest(message)
  }

  #receiveRequest(message: unknown): void {
    const request = safeParse(Request, message)
    if (!request.success) {
      this.tellFailed(messages.badRequest(JSON.stringify(message)))
      return
    }
    const { id } = request.output
    this.#answer(request.output).then(
      (result) => this.#send({ id, result: result ?? null }),
      (error: unknown) => this.#send({ id, error: toSent(error) }),
    )
  }

  #receiveHello(message: unknown): void {
    const hello = safeParse(Hello, message)
    const reason = this.#reasonToRefuse(hello.success ? hello.output.token : undefined)
    if (!hello.success || reason) {
      this.#send({ event: 'refused', reason: reason ?? 'token' })
      this.#socket.end()
      return
    }
    this.#role = hello.output.as
    this.#send({ event: 'welcome', status: this.#keeper.status })
    this.#keeper.usersChanged()
    if (this.#keeper.broker) this.tellLeased(this.#keeper.broker)
    else if (this.#keeper.starting) this.tellStarting(this.#keeper.starting)
  }

  #reasonToRefuse(token: string | undefined): 'token' | 'leaving' | 'moved' | undefined {
    if (token === undefined || !sameText(token, this.#keeper.token)) return 'token'
    if (this.#keeper.isLeaving) return 'leaving'
    return this.#keeper.isRegistered ? undefined : 'moved'
  }

  async #answer(request: Request): Promise<unknown> {
    if (request.do === 'stop') {
      void this.#keeper.leave()
      return this.#keeper.left
    }
    const { broker, turns } = this.#keeper
    if (broker === undefined || !this.isUser) throw messages.brokerLost()
    switch (request.do) {
      case 'openVhost': {
        const login = await broker.openVhost(request.spelling)
        if (this.#ended) void broker.closeVhost(login.name)
        this.#vhosts.add(login.name)
        return login
      }
      case 'closeVhost':
        // Deleting goes on in the background, also when the client ends meanwhile.
        if (this.#vhosts.delete(request.name)) void broker.closeVhost(request.name)
        return
      case 'connections':
        return broker.connections(this.#own(request.name))
      case 'closeConnection':
        return broker.closeConnection(this.#own(request.name), request.connection)
      case 'enter':
        this.#turns.add(request.turn)
        return turns.enter(this.#turnName(request.turn), request.restarts)
      case 'leave':
        this.#turns.delete(request.turn)
        return turns.leave(this.#turnName(request.turn))
      case 'restart':
        return turns.restart(this.#turnName(request.turn))
      case 'harm':
        if (!broker.cluster || !turns.holds(this.#turnName(request.turn))) throw messages.noTurnAtCluster()
        return broker.cluster.harm(request.node, request.how)
      case 'revive':
        if (!broker.cluster || !turns.holds(this.#turnName(request.turn))) throw messages.noTurnAtCluster()
        return broker.cluster.revive(request.node)
      case 'mend':
        if (!broker.cluster || !turns.holds(this.#turnName(request.turn))) throw messages.noTurnAtCluster()
        return broker.cluster.mend()
      case 'guard':
        return this.#guards.add(request.pid)
      case 'unguard':
        return this.#guards.remove(request.pid)
    }
  }

  /** A lease reaches only virtual hosts of its own. */
  #own(vhost: string): string {
    if (!this.#vhosts.has(vhost)) throw messages.vhostClosed(vhost)
    return vhost
  }

  #turnName(turn: number): string {
    return `${this.#name}/${turn}`
  }

  #send(message: FromKeeper): void {
    sendLine(this.#socket, message)
  }
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
