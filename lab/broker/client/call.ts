import { connect, type Socket } from 'node:net'
import type { LabError } from '../../errors.ts'
import {
  type FromKeeper,
  fromSent,
  type KeeperStatus,
  type Results,
  receiveLines,
  sendLine,
} from '../keeper/protocol.ts'
import type { KeeperAddress } from '../keeper/state-file.ts'
import { messages } from '../messages.ts'

/** How long a keeper may take to say welcome. It does nothing that takes time; a machine that sleeps does. */
const WELCOME_LIMIT_MS = 10_000

type KeeperEvent = Exclude<FromKeeper, { id: number }>

/** A keeper on the line. */
export class Call {
  readonly status: KeeperStatus
  /** Resolves when the line is dead, with the keeper's last words where it had any. */
  readonly ended: Promise<LabError>
  readonly #socket: Socket
  readonly #asked = new Map<number, { resolve: (result: never) => void; reject: (error: unknown) => void }>()
  readonly #ended = Promise.withResolvers<LabError>()
  /** Events before anybody listens: they may come in one packet with the welcome. */
  readonly #early: KeeperEvent[] = []
  #listener: ((event: KeeperEvent) => void) | undefined
  #over: LabError | undefined
  #count = 0

  constructor(socket: Socket, status: KeeperStatus) {
    this.#socket = socket
    this.status = status
    this.ended = this.#ended.promise
    socket.on('close', () => this.#finish(messages.brokerLost()))
  }

  ask<Do extends keyof Results>(what: { do: Do } & Record<string, unknown>): Promise<Results[Do]> {
    if (this.#over) return Promise.reject(this.#over)
    const id = ++this.#count
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      sendLine(this.#socket, { id, ...what })
    })
  }

  /** Hears what comes without having been asked for. */
  listen(listener: (event: KeeperEvent) => void): void {
    this.#listener = listener
    for (const event of this.#early.splice(0)) listener(event)
  }

  receive(message: FromKeeper): void {
    if ('event' in message) {
      if (message.event === 'failed') this.#finish(fromSent(message.error))
      if (this.#listener) this.#listener(message)
      else this.#early.push(message)
      return
    }
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if ('error' in message) asked?.reject(fromSent(message.error))
    else asked?.resolve(message.result as never)
  }

  end(why: LabError = messages.released()): void {
    this.#finish(why)
    this.#socket.end()
  }

  #finish(error: LabError): void {
    if (this.#over) return
    this.#over = error
    for (const { reject } of this.#asked.values()) reject(error)
    this.#asked.clear()
    this.#ended.resolve(error)
  }
}

/**
 * Calls the keeper at an address.
 *
 * @returns undefined where there is none (any more), or not the one that the address means
 * @throws LabError 'keeper-silent' when it takes the call and says nothing
 */
export function callKeeper(
  address: KeeperAddress,
  as: 'user' | 'visitor',
  limitMs = WELCOME_LIMIT_MS,
): Promise<Call | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: address.port, noDelay: true }, () =>
      sendLine(socket, { do: 'hello', token: address.token, as }),
    )
    const timer = setTimeout(() => {
      // Where this process could not run for so long, timers come first, and the answer lies unread behind them.
      setImmediate(() => {
        if (call) return
        socket.destroy()
        reject(messages.keeperSilent(address.pid))
      })
    }, limitMs)
    let call: Call | undefined
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    receiveLines(socket, (line) => {
      const message = line as FromKeeper
      if (call) return call.receive(message)
      if (message && 'event' in message && message.event === 'welcome') {
        clearTimeout(timer)
        call = new Call(socket, message.status)
        resolve(call)
      } else {
        socket.destroy()
      }
    })
  })
}

/** Whether a living keeper is at an address. */
export async function isKeeperAt(address: KeeperAddress): Promise<boolean> {
  const call = await callKeeper(address, 'visitor')
  call?.end()
  return call !== undefined
}
