/** What the checks need of a broker, whatever its kind. */

export interface BrokerInfo {
  /** 'container', 'native', 'embedded': the file's name in lab/broker/kinds. */
  kind: string
  /** What the broker calls itself in connection.start: 'RabbitMQ'. */
  product: string
  version: string
  /** Of a container. */
  image?: string | undefined
}

/** What the broker says of a client's connection. */
export interface ConnectionSeen {
  /** The broker's own name for it, which closes it. */
  id: string
  /** The client property connection_name, where the client sent one. */
  name: string | undefined
  user: string
}

/** A throwaway virtual host with one user who may do everything in it and nothing elsewhere. */
export interface Vhost extends AsyncDisposable {
  readonly name: string
  readonly user: string
  readonly password: string
  /** The AMQP URL of this virtual host with its credentials, percent-encoded; by default straight at the broker. */
  url(at?: { host: string; port: number }): string
  /** The client connections that the broker has open in this virtual host. */
  connections(): Promise<ConnectionSeen[]>
  /** Has the broker close a client's connection by force (connection.close with reply code 320). */
  closeConnection(id: string): Promise<void>
}

/** What can be done to a node of a cluster. */
export const HARMS = ['stop', 'kill', 'freeze'] as const
/**
 * stop: it is shut down in the orderly way. kill: its process is killed (kill -9). freeze: it is cut off; its process
 * stands still, so that its connections stay open and nobody on them, clients or other nodes, hears anything.
 */
export type Harm = (typeof HARMS)[number]

/** A node of a cluster. */
export interface BrokerNode {
  /** 'n1', 'n2', 'n3'. */
  name: string
  host: string
  port: number
}

/**
 * A turn at the broker. Scenarios that restart it and scenarios that must not be disturbed take turns: a restart
 * waits until every other turn has ended, or waits for a restart as well (they then share it).
 */
export interface Turn extends AsyncDisposable {
  /** A real restart: connections die, durable queues and persistent messages stay, the rest goes. Needs { restarts: true }. */
  restart(): Promise<void>
  /**
   * Does harm to a node of the cluster that the lab has started; resolves when it is done. At a cluster, turns come one
   * after the other, and each begins with the cluster whole.
   */
  harm(node: string, how: Harm): Promise<void>
  /** Starts such a node again; resolves when it answers. */
  revive(node: string): Promise<void>
  /** Makes the cluster whole again: every node is up, and knows the others. The end of the turn does so, too. */
  mend(): Promise<void>
}

/** A lease on a running broker. While it is held the broker stays; when its holder dies, what it left is removed. */
export interface Broker extends AsyncDisposable {
  /** Names the running broker: whoever opens `{ kind, key }` gets a lease on this very one, also a fresh one. */
  readonly key: string
  readonly info: BrokerInfo
  readonly host: string
  readonly port: number
  /** The nodes of a cluster; none where the broker is one by itself. */
  readonly nodes: readonly BrokerNode[]
  /** The web page and API of RabbitMQ's management plugin with its login; undefined where there is none. */
  readonly management: { url: string; user: string; password: string } | undefined
  /** Aborted with a LabError when the broker or its keeper ends under the lease; calls then reject with the same. */
  readonly lost: AbortSignal
  /**
   * @param spelling 'odd' has characters in the virtual host's name and the password that must be
   *   percent-encoded in a URL (ASCII only): a space, '/', '%', '@', ':'.
   */
  openVhost(options?: { spelling?: 'plain' | 'odd' }): Promise<Vhost>
  /** Waits for a turn. Whoever holds one must not wait for a second: it may come only after the first has ended. */
  turn(options?: { restarts?: boolean; signal?: AbortSignal }): Promise<Turn>
  /** Ends the process group of `pid` (the process itself on Windows) when the holder of this lease dies. */
  guard(pid: number): void
  unguard(pid: number): void
}

/** What is going on while a broker starts. */
export interface Starting {
  kind: string
  /** 'preparing': something is about to be started; 'booting': the broker's own process has begun. */
  phase: 'looking' | 'pulling' | 'preparing' | 'booting' | 'ready' | 'passed-over'
  /** In plain English: 'pulling rabbitmq:4.3-management, 45 %'. */
  text: string
  elapsedMs: number
}
