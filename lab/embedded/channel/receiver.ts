import type { Arguments } from '../../amqp/methods.ts'
import { readMethod } from '../connection/method.ts'
import { ChannelError, ConnectionError, methodExpected } from '../errors.ts'
import { Channel } from './channel.ts'
import { ContentReader } from './content.ts'
import { dispatch } from './dispatch.ts'
import { publish } from './publish.ts'
import type { Transport } from './transport.ts'

const METHOD = 1
const [BASIC, PUBLISH] = [60, 40]
const CHANNEL_CLOSE = 0x0014_0028
const CHANNEL_CLOSE_OK = 0x0014_0029

/** Takes the frames of a channel: methods, and the content of what is published. */
export class ChannelReceiver {
  readonly channel: Channel
  readonly #connection: Transport
  readonly #number: number
  readonly #content: ContentReader
  #publishing: Arguments<'basic.publish'> | undefined
  /** channel.close was sent: only what answers it counts. */
  #isClosing = false

  constructor(connection: Transport, number: number) {
    this.channel = new Channel(connection, number)
    this.#connection = connection
    this.#number = number
    this.#content = new ContentReader(connection.broker.memory.kept)
  }

  receive(type: number, payload: Buffer): void {
    if (this.#isClosing) this.#receiveWhileClosing(type, payload)
    else if (this.#publishing !== undefined) this.#receiveContent(this.#publishing, type, payload)
    else this.#receiveMethod(type, payload)
  }

  end(): void {
    this.#content.forget()
    this.channel.end()
  }

  #receiveMethod(type: number, payload: Buffer): void {
    if (type !== METHOD) throw methodExpected()
    const method = readMethod(payload)
    if (method.name === 'basic.publish') {
      this.#publishing = method.args
      this.#connection.memoryLimit.publishes()
    } else this.#guard(payload, () => dispatch(this.channel, method))
  }

  #receiveContent(publishing: Arguments<'basic.publish'>, type: number, payload: Buffer): void {
    try {
      const content = this.#content.receive(type, payload)
      if (content === undefined) return
      this.#publishing = undefined
      publish(this.channel, publishing, content)
    } catch (error) {
      this.#publishing = undefined
      this.#content.forget()
      if (error instanceof ConnectionError) this.#connection.failMethod(error, BASIC, PUBLISH)
      else if (error instanceof ChannelError) this.#fail(error, BASIC, PUBLISH)
      else throw error
    }
  }

  #guard(payload: Buffer, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      this.#fail(error, payload.readUInt16BE(0), payload.readUInt16BE(2))
    }
  }

  #fail({ code, message }: ChannelError, classId: number, methodId: number): void {
    this.channel.end()
    this.#isClosing = true
    this.#connection.send(this.#number, 'channel.close', { replyCode: code, replyText: message, classId, methodId })
  }

  #receiveWhileClosing(type: number, payload: Buffer): void {
    if (type !== METHOD || payload.length < 4) return
    const id = payload.readUInt32BE(0)
    if (id === CHANNEL_CLOSE_OK) this.#connection.channelEnded(this.#number)
    else if (id === CHANNEL_CLOSE) this.#connection.send(this.#number, 'channel.close-ok')
  }
}
