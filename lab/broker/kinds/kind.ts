import type { ConnectionSeen, Harm, Starting } from '../broker.ts'
import type { LeasedBroker, VhostLogin } from '../keeper/protocol.ts'

/** The kinds of broker, each a file of this folder, in the order in which `auto` tries them: the one list of them. */
const FILES = {
  container: () => import('./container.ts'),
  native: () => import('./native.ts'),
  embedded: () => import('./embedded.ts'),
}

/** Clusters of three nodes, each named for the kind that its nodes are of. Nobody gets one who does not ask for it. */
const CLUSTER_FILES = {
  'container-cluster': () => import('./container-cluster.ts'),
  'native-cluster': () => import('./native-cluster.ts'),
}

export type KindName = keyof typeof FILES
export type ClusterName = keyof typeof CLUSTER_FILES
export type AnyKind = KindName | ClusterName
export const KINDS = Object.keys(FILES) as KindName[]
export const CLUSTERS = Object.keys(CLUSTER_FILES) as ClusterName[]
export const ALL_KINDS: readonly AnyKind[] = [...KINDS, ...CLUSTERS]
/** The kinds that are RabbitMQ, the judge of record. */
export const RABBITMQ_KINDS: readonly KindName[] = KINDS.filter((name) => name !== 'embedded')

/** What a client whose connection is closed by force is told. */
export const CLOSE_REASON = 'closed by the lab'

export async function loadKind(name: AnyKind): Promise<Kind> {
  return (await { ...FILES, ...CLUSTER_FILES }[name]()).kind
}

export function isCluster(kind: AnyKind): kind is ClusterName {
  return kind in CLUSTER_FILES
}

/** The cluster whose nodes are brokers of this kind; undefined where there is none. */
export function clusterOf(kind: string): ClusterName | undefined {
  return CLUSTERS.find((name) => name === `${kind}-cluster`)
}

/** A way to have a broker: each file of this folder exports one as `kind`. */
export interface Kind {
  /** What distinguishes two warm brokers of this kind: the image. */
  variant(): string | undefined
  /** Whether it can be used here, without starting anything; takes milliseconds. */
  probe(): Promise<Probe>
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
  readonly cluster?: { harm(node: string, how: Harm): Promise<void>; mend(): Promise<void> }
  /** Resolves with a LabError when the broker ends without having been stopped. */
  readonly died: Promise<Error>
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>
}
