import type { BrokerInfo, BrokerNode, ConnectionSeen, Harm, Starting } from './broker.ts'

/** What a keeper needs of a broker, whatever its kind. */

/** The user and password of a throwaway virtual host. */
export interface VhostLogin {
  name: string
  user: string
  password: string
}

/** What a lease is on. */
export interface LeasedBroker {
  info: BrokerInfo
  host: string
  port: number
  /** Of a cluster. */
  nodes?: readonly BrokerNode[]
  management: { url: string; user: string; password: string } | undefined
}

/** A way to have a broker: each file of kinds/ exports one as `kind`. */
export interface Kind {
  /** The image that it runs, of a kind that runs one: `asked`, else the one that is set for this machine. */
  image(asked?: string): string | undefined
  /** Whether it can be used here, with this image, without starting anything; takes milliseconds. */
  probe(image?: string): Promise<Probe>
  /** Boots a broker; runs in the keeper. Rejects with a LabError, leaving nothing. */
  boot(options: BootOptions): Promise<KeptBroker>
}

export interface Probe {
  usable: boolean
  /** Why not, in a sentence; or what it is: 'Docker 28.2, image rabbitmq:4.3-management'. */
  text: string
  /** What to do about it. */
  advice?: string | undefined
  /** It can be used, but something large has to be downloaded first. */
  download?: boolean
}

export interface BootOptions {
  /** The keeper's key, and its token's public part: what its leftovers are labelled with. */
  owner: { folder: string; key: string; id: string }
  /** As Kind.image() has it. */
  image?: string | undefined
  report: (phase: Starting['phase'], text: string) => void
  /** A line of the broker's own log. */
  log: (line: string) => void
  signal: AbortSignal
  /** How long it may take from its start until it is ready; by default two minutes. */
  limitMs?: number
}

/** A broker as its keeper knows it. */
export interface KeptBroker extends LeasedBroker {
  openVhost(spelling: 'plain' | 'odd'): Promise<VhostLogin>
  /** Resolves when it is gone. */
  closeVhost(name: string): Promise<void>
  connections(vhost: string): Promise<ConnectionSeen[]>
  closeConnection(vhost: string, id: string): Promise<void>
  restart(): Promise<void>
  /** Of a cluster: what can be done to its nodes; the names are those of `nodes`. */
  readonly cluster?: {
    harm(node: string, how: Harm): Promise<void>
    revive(node: string): Promise<void>
    mend(): Promise<void>
  }
  /** Resolves with a LabError when the broker ends without having been stopped. */
  readonly died: Promise<Error>
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>
}

/** What a client whose connection is closed by force is told. */
export const CLOSE_REASON = 'closed by the lab'
