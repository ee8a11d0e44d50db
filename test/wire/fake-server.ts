import { createServer, type Socket } from 'node:net'
import { decodeMethod } from '../../lab/amqp/arguments.ts'
import { encodeContent, encodeMethod } from '../../lab/amqp/frames.ts'
import type { Arguments, DecodedMethod, MethodName } from '../../lab/amqp/methods.ts'
import { FrameParser } from '../../lab/amqp/parser.ts'

/** A connection that the fake server has accepted. */
export interface Peer {
  socket: Socket
  /** The methods that have come, in order. */
  got: MethodName[]
  send<N extends MethodName>(channel: number, method: N, args?: Partial<Arguments<N>>): void
  deliver(channel: number, deliveryTag: number, body: string): void
}

type Answer = (peer: Peer, channel: number, method: DecodedMethod) => void

/** What a friendly broker answers. A publish is confirmed by the number that it has on its channel. */
const ANSWERS: Partial<Record<MethodName, Answer>> = {
  'connection.start-ok': (peer) => peer.send(0, 'connection.tune', { channelMax: 2_047, frameMax: 131_072 }),
  'connection.open': (peer) => peer.send(0, 'connection.open-ok'),
  'connection.close': (peer) => peer.send(0, 'connection.close-ok'),
  'channel.open': (peer, channel) => peer.send(channel, 'channel.open-ok'),
  'channel.close': (peer, channel) => peer.send(channel, 'channel.close-ok'),
  'confirm.select': (peer, channel) => peer.send(channel, 'confirm.select-ok'),
  'queue.declare': (peer, channel, { args }) =>
    peer.send(channel, 'queue.declare-ok', { queue: (args as Arguments<'queue.declare'>).queue }),
  'basic.consume': (peer, channel) => {
    peer.send(channel, 'basic.consume-ok', { consumerTag: 'c' })
    peer.deliver(channel, 1, 'task one')
    peer.deliver(channel, 2, 'task two')
  },
  'basic.publish': (peer, channel) =>
    peer.send(channel, 'basic.ack', { deliveryTag: peer.got.filter((name) => name === 'basic.publish').length }),
}

/** A scripted AMQP server on a free port: friendly, but for the answers that a test gives it. */
export async function fakeServer(answers: Partial<Record<MethodName, Answer>> = {}) {
  const peers: Peer[] = []
  const server = createServer({ noDelay: true }, (socket) => {
    const peer: Peer = {
      socket,
      got: [],
      send: (channel, method, args) => void socket.write(encodeMethod(channel, method, args)),
      deliver: (channel, deliveryTag, body) => {
        const method = encodeMethod(channel, 'basic.deliver', { consumerTag: 'c', deliveryTag, routingKey: 'tasks' })
        socket.write(Buffer.concat([method, encodeContent(channel, { deliveryMode: 2 }, Buffer.from(body))]))
      },
    }
    peers.push(peer)
    const parser = new FrameParser()
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) =>
      parser.push(chunk, (frame) => {
        if (frame.kind === 'protocol-header') {
          peer.send(0, 'connection.start', { versionMinor: 9, mechanisms: 'PLAIN', locales: 'en_US' })
        } else if (frame.kind === 'method') {
          const method = decodeMethod(frame.payload)
          peer.got.push(method.name)
          const answer = answers[method.name] ?? ANSWERS[method.name]
          answer?.(peer, frame.channel, method)
        }
      }),
    )
  })
  const port = await listening(server)
  return {
    target: { host: '127.0.0.1', port },
    peers,
    async [Symbol.asyncDispose]() {
      for (const { socket } of peers) socket.destroy()
      server.close()
    },
  }
}

/** A server of raw sockets on a free port, half-open allowed; for what AMQP would hide. */
export async function rawServer(accepted: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    accepted(socket)
  })
  const port = await listening(server)
  return {
    target: { host: '127.0.0.1', port },
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => resolve())
  await promise
  return (server.address() as { port: number }).port
}
