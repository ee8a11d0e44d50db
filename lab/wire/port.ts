import { connect, createServer, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { LabError } from '../errors.ts'
import type { Peer, Ports } from '../ports.ts'

export const HOST = '127.0.0.1'

/**
 * Below 32768, where Linux begins to hand out ports for outgoing connections: a port that is closed for a while
 * ('refused') can't be given to somebody's client meanwhile, and can be opened again.
 */
const LOWEST = 20_000
const HIGHEST = 32_767
/**
 * Each thread of each process draws from a slice of its own, and never a port that it has in use: so a port that is
 * closed for a while is not drawn by another wire, here or in a lab beside this one.
 */
const SLICE = 64
const SLICES = Math.floor((HIGHEST - LOWEST + 1) / SLICE)
const TRIES = 300
const inUse = new Set<number>()
const REOPEN_LIMIT_MS = 5_000
const REOPEN_PAUSE_MS = 20
const CLOSE_LIMIT_MS = 5_000
const CLOSE_PAUSE_MS = 2

type Listener = (peer: Peer) => void

/** This machine's own loopback. */
export const LOOPBACK: Ports = {
  host: HOST,
  listen: listenOnFreePort,
  listenAgain: listenAgainOn,
  untilRefused,
  giveBack,
}

/** Listens on a free port. @throws LabError 'no-port' */
export async function listenOnFreePort(listener: Listener): Promise<{ server: Server; port: number }> {
  let cause: unknown
  for (let tried = 0; tried < TRIES; tried++) {
    // A slice that is full or taken gives way to another.
    const slice = (process.pid * 31 + threadId * 7 + Math.floor(tried / SLICE)) % SLICES
    const port = LOWEST + slice * SLICE + Math.floor(Math.random() * SLICE)
    if (inUse.has(port)) continue
    inUse.add(port)
    try {
      return { server: await listenOn(port, listener), port }
    } catch (error) {
      inUse.delete(port)
      if (!isTaken(error)) throw error
      cause = error
    }
  }
  throw new LabError('no-port', `No free port between ${LOWEST} and ${HIGHEST} after ${TRIES} tries.`, {
    advice: 'Close some programs that listen on ports, and try again.',
    cause,
  })
}

/** Gives a port back that listenOnFreePort() drew. */
export function giveBack(port: number): void {
  inUse.delete(port)
}

/** Listens again on a port that was closed a moment ago. @throws LabError 'port-taken' */
export async function listenAgainOn(port: number, listener: Listener): Promise<Server> {
  const until = performance.now() + REOPEN_LIMIT_MS
  for (;;) {
    try {
      return await listenOn(port, listener)
    } catch (error) {
      if (!isTaken(error)) throw error
      if (performance.now() > until) {
        throw new LabError('port-taken', `Another program has taken port ${port} while the lab had it closed.`, {
          advice: 'Run the check again: it will use another port.',
          cause: error,
        })
      }
      await delay(REOPEN_PAUSE_MS)
    }
  }
}

/**
 * Resolves when a port that was closed refuses connections. It may go on accepting for some milliseconds: when another
 * thread of this process starts a program, that holds a copy of every socket between its fork and its exec.
 */
export async function untilRefused(port: number): Promise<void> {
  const until = performance.now() + CLOSE_LIMIT_MS
  while ((await isAccepted(port)) && performance.now() < until) await delay(CLOSE_PAUSE_MS)
}

function isAccepted(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ port, host: HOST })
  socket.on('connect', () => {
    resolve(true)
    socket.destroy()
  })
  // Anything but a refusal, such as a reset, came from a port that was open.
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  return promise
}

function listenOn(port: number, listener: Listener): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  // Half-open: a FIN of one side is passed on as a FIN, and the other direction lives on.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, listener)
  server.once('error', reject)
  server.listen({ port, host: HOST, exclusive: true }, () => {
    server.off('error', reject)
    resolve(server)
  })
  return promise
}

function isTaken(error: unknown): boolean {
  // EACCES: Windows keeps ranges of ports for itself.
  return ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')
}
