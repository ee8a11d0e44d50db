import { Channel } from '../channel/channel.ts'
import { channelNotOpen, methodExpected, tooManyChannels } from '../errors.ts'
import type { Connection } from './connection.ts'
import { readMethod } from './method.ts'

const METHOD = 1

/** The channels of a connection, by their numbers: any number will do, but there are only so many at a time. */
export class Channels {
  readonly #connection: Connection
  readonly #byNumber = new Map<number, Channel>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @throws ConnectionError */
  receive(type: number, number: number, payload: Buffer): void {
    const channel = this.#byNumber.get(number)
    if (channel !== undefined) channel.receive(type, payload)
    else if (type !== METHOD) throw methodExpected()
    else if (readMethod(payload).name !== 'channel.open') throw channelNotOpen()
    else this.#open(number)
  }

  remove(channel: Channel): void {
    this.#byNumber.delete(channel.number)
  }

  /** The client reads again. */
  resume(): void {
    for (const channel of [...this.#byNumber.values()]) channel.resume()
  }

  end(): void {
    const channels = [...this.#byNumber.values()]
    // Consumers first: what one channel gives back must not go to another one of the same connection.
    for (const channel of channels) channel.endConsumers()
    for (const channel of channels) channel.end()
    this.#byNumber.clear()
  }

  #open(number: number): void {
    const { channelMax } = this.#connection
    if (this.#byNumber.size >= channelMax) throw tooManyChannels(channelMax)
    this.#byNumber.set(number, new Channel(this.#connection, number))
    this.#connection.send(number, 'channel.open-ok')
  }
}
