import { connect, createServer, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
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
 * Each thread of each process draws from slices that are its own as long as it lives, and never a port that it has in
 * use: so a port that is closed for a while is not drawn by another wire, here or in a lab beside this one.
 */
const SLICE = 64
const SLICES = Math.floor((HIGHEST - LOWEST + 1) / SLICE)
/** The first port of each slice that is this thread's: it listens there, and so nobody else takes the slice. */
const slices: number[] = []
let taking: Promise<void> | undefined
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
  // A slice that is full gives way to another.
  for (let nth = 0; ; nth++) {
    while (nth >= slices.length) await takeSlice()
    const first = slices[nth] as number
    const start = Math.floor(Math.random() * SLICE)
    for (let tried = 0; tried < SLICE; tried++) {
      const port = first + ((start + tried) % SLICE)
      if (port === first || inUse.has(port)) continue
      inUse.add(port)
      const server = await listenUnlessTaken(port, listener)
      if (server) return { server, port }
      inUse.delete(port)
    }
  }
}

/** Makes a slice this thread's own until it ends; one for all who ask meanwhile. @throws LabError 'no-port' */
function takeSlice(): Promise<void> {
  taking ??= findSlice()
    .then((first) => void slices.push(first))
    .finally(() => {
      taking = undefined
    })
  return taking
}

async function findSlice(): Promise<number> {
  const start = Math.floor(Math.random() * SLICES)
  for (let tried = 0; tried < SLICES; tried++) {
    const first = LOWEST + ((start + tried) % SLICES) * SLICE
    const guard = await listenUnlessTaken(first, (peer) => peer.resetAndDestroy())
    if (guard === undefined) continue
    guard.unref()
    return first
  }
  throw new LabError('no-port', `Other programs are using all ports between ${LOWEST} and ${HIGHEST}.`, {
    advice: 'Close some programs that listen on ports, and try again.',
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
    const server = await listenUnlessTaken(port, listener)
    if (server) return server
    if (performance.now() > until) {
      throw new LabError('port-taken', `Another program has taken port ${port} while the lab had it closed.`, {
        advice: 'Run the check again: it will use another port.',
      })
    }
    await delay(REOPEN_PAUSE_MS)
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

async function listenUnlessTaken(port: number, listener: Listener): Promise<Server | undefined> {
  try {
    return await listenOn(port, listener)
  } catch (error) {
    if (!isTaken(error)) throw error
    return undefined
  }
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
