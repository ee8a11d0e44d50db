import { PROTOCOL_HEADER } from '../../amqp/frames.ts'
import type { Arguments, DecodedMethod, MethodName } from '../../amqp/methods.ts'
import type { Table } from '../../amqp/table.ts'
import { frame } from '../erlang.ts'
import { loginRefused, unexpectedFrame, vhostNotFound, vhostRefused, WordlessError } from '../errors.ts'
import type { User, Users } from '../users.ts'
import { can, SERVER_PROPERTIES } from './capabilities.ts'
import { credentialsOf, isOffered, OFFERED } from './logins.ts'
import { readMethod } from './method.ts'

export const FRAME_MAX = 131_072
export const FRAME_MIN = 8_192
export const CHANNEL_MAX = 2_047
const HEARTBEAT_SECONDS = 60
const METHOD = 1

export interface Negotiated {
  user: User
  properties: Table
  channelMax: number
  frameMax: number
}

type Step = 'start-ok' | 'tune-ok' | 'open'

type SendMethod = <N extends MethodName>(channel: number, name: N, args: Partial<Arguments<N>>) => void

/**
 * The handshake: section 2.2.4 of the specification. RabbitMQ answers most of what goes wrong here by closing the
 * socket; a client that said that it can be told is told of a refused login.
 *
 *   header → start → start-ok → tune → tune-ok → open → open-ok
 */
export class Handshake {
  readonly #users: Users
  readonly #hasVhost: (name: string) => boolean
  readonly #send: SendMethod
  #step: Step = 'start-ok'
  #user: User | undefined
  #properties: Table = {}
  #tuned = { channelMax: CHANNEL_MAX, frameMax: FRAME_MAX }
  #heartbeatSeconds: number | undefined

  constructor(users: Users, hasVhost: (name: string) => boolean, send: SendMethod) {
    this.#users = users
    this.#hasVhost = hasVhost
    this.#send = send
  }

  /** @throws WordlessError when it is no header of AMQP 0-9-1: the right one is the answer */
  start(header: Buffer): void {
    if (!header.equals(PROTOCOL_HEADER)) throw new WordlessError('no header of AMQP 0-9-1')
    this.#send(0, 'connection.start', {
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: SERVER_PROPERTIES,
      mechanisms: OFFERED,
      locales: 'en_US',
    })
  }

  /** The virtual host that was opened, once the handshake is over. @throws ConnectionError, WordlessError */
  receive(type: number, channel: number, payload: Buffer): (Negotiated & { vhost: string }) | undefined {
    if (channel !== 0) throw unexpectedFrame(frame(type, payload))
    if (type === 8) return undefined
    if (type !== METHOD) throw new WordlessError('not a method')
    const method = readMethod(payload)
    if (method.name !== `connection.${this.#step}`) throw new WordlessError(`${method.name} in place of ${this.#step}`)
    return this.#take(method)
  }

  /** Undefined before tune-ok. */
  get heartbeatSeconds(): number | undefined {
    return this.#heartbeatSeconds
  }

  get canBeTold(): boolean {
    return can(this.#properties, 'authentication_failure_close')
  }

  #take({ name, args }: DecodedMethod): (Negotiated & { vhost: string }) | undefined {
    if (name === 'connection.start-ok') this.#authenticate(args.mechanism, args.response, args.clientProperties)
    else if (name === 'connection.tune-ok') this.#tune(args)
    else if (name === 'connection.open') return this.#open(args.virtualHost)
    return undefined
  }

  #authenticate(mechanism: string, response: string | Uint8Array, properties: Table): void {
    this.#properties = properties
    if (!isOffered(mechanism)) throw new WordlessError(`the mechanism ${mechanism}`)
    const credentials = credentialsOf(mechanism, response)
    if (credentials === undefined) throw new WordlessError(`a response that ${mechanism} does not have`)
    this.#user = this.#users.authenticate(credentials)
    if (this.#user === undefined) {
      if (this.canBeTold) throw loginRefused(mechanism)
      throw new WordlessError('a login that is refused')
    }
    this.#step = 'tune-ok'
    this.#send(0, 'connection.tune', { channelMax: CHANNEL_MAX, frameMax: FRAME_MAX, heartbeat: HEARTBEAT_SECONDS })
  }

  #tune({ channelMax, frameMax, heartbeat }: { channelMax: number; frameMax: number; heartbeat: number }): void {
    if (frameMax < FRAME_MIN || frameMax > FRAME_MAX) throw new WordlessError(`a frame_max of ${frameMax}`)
    if (channelMax < 1 || channelMax > CHANNEL_MAX) throw new WordlessError(`a channel_max of ${channelMax}`)
    this.#tuned = { channelMax, frameMax }
    this.#heartbeatSeconds = heartbeat
    this.#step = 'open'
  }

  #open(vhost: string): Negotiated & { vhost: string } {
    const user = this.#user as User
    if (!this.#hasVhost(vhost)) throw vhostNotFound(vhost)
    if (!user.vhosts.has(vhost)) throw vhostRefused(vhost, user.name)
    return { user, properties: this.#properties, ...this.#tuned, vhost }
  }
}
