import type { Broker, BrokerNode } from './broker.ts'

/** The nodes of a broker; a broker by itself stands for three of them. */
export function nodesOf({ nodes, host, port }: Pick<Broker, 'nodes' | 'host' | 'port'>): readonly BrokerNode[] {
  return nodes.length > 0 ? nodes : ['n1', 'n2', 'n3'].map((name) => ({ name, host, port }))
}
