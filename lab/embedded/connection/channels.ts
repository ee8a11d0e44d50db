import { ChannelReceiver } from '../channel/receiver.ts'
import type { Transport } from '../channel/transport.ts'
import { channelNotOpen, methodExpected, tooManyChannels } from '../errors.ts'
import { readMethod } from './method.ts'

const METHOD = 1

/** The channels of a connection, by their numbers: any number will do, but there are only so many at a time. */
export class Channels {
  readonly #connection: Transport
  readonly #byNumber = new Map<number, ChannelReceiver>()

  constructor(connection: Transport) {
    this.#connection = connection
  }

  /** @throws ConnectionError */
  receive(type: number, number: number, payload: Buffer): void {
    const receiver = this.#byNumber.get(number)
    if (receiver !== undefined) receiver.receive(type, payload)
    else if (type !== METHOD) throw methodExpected()
    else if (readMethod(payload).name !== 'channel.open') throw channelNotOpen()
    else this.#open(number)
  }

  remove(number: number): void {
    this.#byNumber.delete(number)
  }

  /** The client reads again. */
  resume(): void {
    for (const { channel } of [...this.#byNumber.values()]) channel.resume()
  }

  end(): void {
    const receivers = [...this.#byNumber.values()]
    // Consumers first: what one channel gives back must not go to another one of the same connection.
    for (const { channel } of receivers) channel.endConsumers()
    for (const receiver of receivers) receiver.end()
    this.#byNumber.clear()
  }

  #open(number: number): void {
    const { channelMax } = this.#connection
    if (this.#byNumber.size >= channelMax) throw tooManyChannels(channelMax)
    this.#byNumber.set(number, new ChannelReceiver(this.#connection, number))
    this.#connection.send(number, 'channel.open-ok')
  }
}
