import { connect as connectSocket, type Socket } from 'node:net'
import { type ChannelModel, connect } from 'amqplib'
import type { Wire } from '../../lab/wire/wire.ts'

/** An amqplib connection through the wire that outlives nothing: errors are heard, and it ends with the test. */
export async function amqpClient(wire: Wire): Promise<ChannelModel & AsyncDisposable> {
  const model = await connect(`amqp://lab:geheim@${wire.host}:${wire.port}`, {
    noDelay: true,
    clientProperties: { connection_name: 'tester' },
  })
  model.on('error', () => {})
  return Object.assign(model, {
    async [Symbol.asyncDispose]() {
      await model.close().catch(() => {})
    },
  })
}

/** A raw socket through the wire, and what happens to it. */
export async function rawClient(wire: Wire) {
  const socket = connectSocket({ host: wire.host, port: wire.port, noDelay: true, allowHalfOpen: true })
  const heard: string[] = []
  let bytes = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
  })
  socket.on('end', () => heard.push('end'))
  socket.on('error', (error: NodeJS.ErrnoException) => heard.push(error.code ?? 'error'))
  const closed = new Promise<string[]>((resolve) => socket.once('close', () => resolve(heard)))
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
  return {
    socket,
    heard,
    closed,
    bytes: () => bytes,
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

/** Resolves with how connecting to the port fails, or 'connected'. */
export function knock({ host, port }: { host: string; port: number }): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket: Socket = connectSocket({ host, port })
  socket.once('connect', () => {
    resolve('connected')
    socket.destroy()
  })
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
  return promise
}
