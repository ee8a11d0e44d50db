import { once } from 'node:events'
import { connect } from 'node:net'
import { decodeMethod } from '../amqp/arguments.ts'
import { encodeContent, encodeMethod, PROTOCOL_HEADER } from '../amqp/frames.ts'
import type { DecodedMethod, MethodName } from '../amqp/methods.ts'
import { FrameParser } from '../amqp/parser.ts'
import type { Rates } from './rates.ts'

/**
 * A client that does next to nothing itself, so that the broker is what is measured: ready-made frames, persistent
 * messages of 100 bytes, a durable queue, a window of 500. Prints Rates as JSON.
 */
const url = new URL(process.argv[2] ?? '')
const MESSAGES = 60_000
const WARM_UP = 10_000
const WINDOW = 500
const QUEUE = 'bench'

const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
const parser = new FrameParser()
let heard: (method: DecodedMethod) => void = () => {}
socket.on('data', (chunk: Buffer) =>
  parser.push(chunk, (frame) => {
    if (frame.kind === 'method') heard(decodeMethod(frame.payload) as DecodedMethod)
  }),
)
await once(socket, 'connect')

function answer(name: MethodName, ...send: Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    heard = (method) => {
      if (method.name === name) resolve()
    }
    for (const bytes of send) socket.write(bytes)
  })
}

const decoded = (text: string) => decodeURIComponent(text)
await answer('connection.start', PROTOCOL_HEADER)
const response = `\0${decoded(url.username)}\0${decoded(url.password)}`
await answer(
  'connection.tune',
  encodeMethod(0, 'connection.start-ok', { mechanism: 'PLAIN', response, locale: 'en_US' }),
)
await answer(
  'connection.open-ok',
  encodeMethod(0, 'connection.tune-ok', { channelMax: 2047, frameMax: 131_072, heartbeat: 0 }),
  encodeMethod(0, 'connection.open', { virtualHost: decoded(url.pathname.slice(1)) }),
)
await answer('channel.open-ok', encodeMethod(1, 'channel.open'))
await answer('queue.declare-ok', encodeMethod(1, 'queue.declare', { queue: QUEUE, durable: true }))
await answer('confirm.select-ok', encodeMethod(1, 'confirm.select'))

const publish = encodeMethod(1, 'basic.publish', { routingKey: QUEUE })
const message = Buffer.concat([publish, encodeContent(1, { deliveryMode: 2 }, Buffer.alloc(100, 'x'))])
const half = Buffer.concat(Array.from({ length: WINDOW / 2 }, () => message))

let confirmed = 0
/** Keeps a window of messages on the way: as half of it is confirmed, another half is sent. */
async function publishUntil(total: number): Promise<void> {
  let sent = confirmed
  const more = () => {
    while (sent < total && sent - confirmed <= WINDOW / 2) {
      socket.write(half)
      sent += WINDOW / 2
    }
  }
  await new Promise<void>((resolve) => {
    heard = (method) => {
      if (method.name !== 'basic.ack') return
      const tag = Number(method.args.deliveryTag)
      confirmed = method.args.multiple ? tag : confirmed + 1
      if (confirmed >= total) resolve()
      else more()
    }
    more()
  })
}

await publishUntil(WARM_UP)
let began = performance.now()
await publishUntil(WARM_UP + MESSAGES)
const publishesPerSecond = MESSAGES / ((performance.now() - began) / 1000)

await answer('basic.qos-ok', encodeMethod(1, 'basic.qos', { prefetchCount: WINDOW }))
const all = WARM_UP + MESSAGES
let consumed = 0
began = performance.now()
await new Promise<void>((resolve) => {
  heard = (method) => {
    if (method.name !== 'basic.deliver') return
    socket.write(encodeMethod(1, 'basic.ack', { deliveryTag: method.args.deliveryTag }))
    if (++consumed === WARM_UP) began = performance.now()
    if (consumed === all) resolve()
  }
  socket.write(encodeMethod(1, 'basic.consume', { queue: QUEUE, consumerTag: 'c' }))
})
const consumesPerSecond = MESSAGES / ((performance.now() - began) / 1000)
await answer('queue.delete-ok', encodeMethod(1, 'queue.delete', { queue: QUEUE }))
process.stdout.write(JSON.stringify({ publishesPerSecond, consumesPerSecond } satisfies Rates))
socket.destroy()
