import type { Duplex } from 'node:stream'

/** Where the lab listens for the student's processes: on this machine's loopback, or on a sandbox's own. */
export interface Ports {
  readonly host: string
  /** Listens on a free port. @throws LabError 'no-port' */
  listen(listener: (peer: Peer) => void): Promise<{ server: Listening; port: number }>
  /** Listens again on a port that was closed a moment ago. @throws LabError 'port-taken' */
  listenAgain(port: number, listener: (peer: Peer) => void): Promise<Listening>
  /** Resolves when a port that was closed refuses connections. */
  untilRefused(port: number): Promise<void>
  /** The port may be another's from now on. */
  giveBack(port: number): void
}

export interface Listening {
  /** Takes no more connections; those that it has taken live on. */
  close(closed?: () => void): unknown
}

/** The other end of a connection: a socket of Node's, or one that a sandbox hands on. */
export type Peer = Duplex & {
  readonly remotePort?: number | undefined
  resetAndDestroy(): unknown
}
