import type { Kind } from '../kept-broker.ts'

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
/** The kinds that are RabbitMQ: their verdict is authoritative. */
export const RABBITMQ_KINDS: readonly KindName[] = KINDS.filter((name) => name !== 'embedded')

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
