import { setTimeout as wait } from 'node:timers/promises'
import type { BrokerInfo, BrokerNode, Harm } from '../broker.ts'
import type { BootOptions, KeptBroker, VhostLogin } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import type { Birth } from './definitions.ts'
import { newLogin } from './definitions.ts'
import { untilHello } from './hello.ts'
import { Management } from './management.ts'
import type { NodeNews } from './supervisor.ts'

/** Three nodes at once on a cold machine with two cores. */
const BOOT_LIMIT_MS = 180_000
const MEND_LIMIT_MS = 120_000
/** An orderly stop takes seconds; on a machine that is busy, many. */
const DOWN_LIMIT_MS = 60_000
const LOOK_AGAIN_MS = 100
/** Each node starts its part of a virtual host in milliseconds; one that has just booted, in a second or so. */
const VHOST_LIMIT_MS = 20_000

/** Three nodes that somebody can start, none of them started yet. */
export interface ClusterNodes {
  nodes: readonly (BrokerNode & { managementPort: number })[]
  /** Tells the supervisor of the node: 'start', or a signal's name without SIG. */
  tell(node: string, word: string): void
  /** Calls `listener` with whatever the supervisors tell. */
  hear(listener: (news: NodeNews) => void): void
  /** Resolves with how it came about when a supervisor ends without having been stopped. */
  died: Promise<string>
  log: readonly string[]
  /** Resolves when nothing of them is left. */
  stop(): Promise<void>
}

type State = 'down' | 'up' | 'frozen'

/** Boots the nodes, all at once, and waits until they are a cluster. Rejects with a LabError, having stopped them. */
export async function bootCluster(
  kind: string,
  nodes: ClusterNodes,
  birth: Birth,
  options: BootOptions,
): Promise<KeptBroker> {
  const cluster = new Cluster(nodes, birth, options.log)
  try {
    const about = await cluster.becomesWhole({
      limitMs: options.limitMs ?? BOOT_LIMIT_MS,
      signal: options.signal,
      report: (text) => options.report('booting', text),
    })
    return cluster.asKept({ kind, ...about, image: options.image })
  } catch (error) {
    await nodes.stop()
    throw error
  }
}

class Cluster {
  readonly #nodes: ClusterNodes
  readonly #apis: Map<string, Management>
  readonly #admin: Birth['admin']
  readonly #state = new Map<string, State>()
  readonly #listeners = new Set<(news: NodeNews) => void>()
  readonly #died = Promise.withResolvers<Error>()
  readonly #open = new Map<string, VhostLogin>()
  readonly #note: (line: string) => void
  /** Virtual hosts are deleted only when the cluster is whole: a node that is silent would hold everything up. */
  #whole = Promise.withResolvers<void>()
  #repairing: Promise<void> | undefined
  #isWhole = false
  #ready = false
  #stopping = false

  constructor(nodes: ClusterNodes, birth: Birth, note: (line: string) => void) {
    this.#nodes = nodes
    this.#admin = birth.admin
    this.#note = note
    this.#apis = new Map(
      nodes.nodes.map(({ name, host, managementPort: port }) => [name, new Management({ host, port, ...birth.admin })]),
    )
    for (const { name } of nodes.nodes) this.#state.set(name, 'down')
    nodes.hear((news) => this.#hear(news))
    void nodes.died.then((how) => this.#fails(how))
  }

  asKept(info: BrokerInfo): KeptBroker {
    this.#ready = true
    const [first] = this.#nodes.nodes
    if (first === undefined) throw new Error('a cluster has nodes')
    const { host, port, managementPort } = first
    return {
      info,
      host,
      port,
      nodes: this.#nodes.nodes.map(({ name, host, port }) => ({ name, host, port })),
      management: { url: `http://${host}:${managementPort}/`, ...this.#admin },
      died: this.#died.promise,
      cluster: {
        harm: (node, how) => this.#harm(node, how),
        revive: (node) => this.#comesBack(node),
        mend: () => this.#mend(),
      },
      openVhost: (spelling) => this.#openVhost(spelling),
      closeVhost: (name) => this.#closeVhost(name),
      connections: () => Promise.reject(messages.notAtCluster('list connections')),
      closeConnection: () => Promise.reject(messages.notAtCluster('close connections')),
      restart: () => Promise.reject(messages.notAtCluster('restart the broker')),
      stop: () => this.#stop(),
    }
  }

  /** Starts what is down, and resolves with what the broker calls itself when all are up and know each other. */
  async becomesWhole(options: {
    limitMs: number
    signal?: AbortSignal
    report?: (text: string) => void
  }): Promise<{ product: string; version: string }> {
    const { limitMs, signal, report = () => {} } = options
    const giveUp = new AbortController()
    let last = 'nothing yet'
    const timer = setTimeout(() => giveUp.abort(messages.clusterNotWhole(limitMs, last)), limitMs)
    void this.#died.promise.then((error) => giveUp.abort(error))
    const either = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal
    try {
      for (const { name } of this.#nodes.nodes) this.#revive(name)
      let ready = 0
      const tell = () => report(`a cluster of three nodes is booting: ${ready} of 3 are up`)
      tell()
      const [about] = await Promise.all(
        this.#nodes.nodes.map(async ({ name, host, port }) => {
          const onFailure = (error: Error) => {
            last = `${name}: ${error.message}`
          }
          const about = await untilHello(host, port, { signal: either, everyMs: LOOK_AGAIN_MS, onFailure })
          ready++
          tell()
          return about
        }),
      )
      report('the three nodes are up, and are finding each other')
      await Promise.all(
        [...this.#apis].map(async ([name, api]) => {
          for (;;) {
            const seen = await api.nodes().catch((error: Error) => error)
            const running = seen instanceof Error ? [] : seen.filter((node) => node.running && !node.partitions?.length)
            if (running.length === this.#apis.size) return
            last = seen instanceof Error ? seen.message : `${name} sees ${running.length} nodes`
            await wait(LOOK_AGAIN_MS, undefined, { signal: either }).catch(() => either.throwIfAborted())
          }
        }),
      )
      this.#isWhole = true
      this.#whole.resolve()
      if (about === undefined) throw new Error('a cluster has nodes')
      return about
    } finally {
      clearTimeout(timer)
    }
  }

  /** Many may ask for it at once. */
  #mend(): Promise<void> {
    if (this.#isWhole) return Promise.resolve()
    this.#repairing ??= this.becomesWhole({ limitMs: MEND_LIMIT_MS })
      .then(() => {})
      .finally(() => {
        this.#repairing = undefined
      })
    return this.#repairing
  }

  async #harm(node: string, how: Harm): Promise<void> {
    const state = this.#state.get(node)
    if (state === undefined) throw messages.noSuchNode(node)
    if (this.#isWhole) this.#whole = Promise.withResolvers<void>()
    this.#isWhole = false
    if (state === 'down' || (state === 'frozen' && how === 'freeze')) return
    // Who stands still hears no request to stop.
    if (state === 'frozen' && how === 'stop') this.#nodes.tell(node, 'CONT')
    this.#state.set(node, how === 'freeze' ? 'frozen' : 'down')
    const done = this.#news(node, how === 'freeze' ? 'signalled' : 'ended')
    this.#nodes.tell(node, { stop: 'TERM', kill: 'KILL', freeze: 'STOP' }[how])
    await done
    // Its web server's connections are dead, too.
    this.#apis.get(node)?.hangUp()
  }

  /** One node alone: the others stay as they are. */
  async #comesBack(node: string): Promise<void> {
    const found = this.#nodes.nodes.find(({ name }) => name === node)
    if (found === undefined) throw messages.noSuchNode(node)
    this.#revive(node)
    let last = 'nothing yet'
    const giveUp = new AbortController()
    const timer = setTimeout(() => giveUp.abort(messages.nodeNotUp(node, MEND_LIMIT_MS, last)), MEND_LIMIT_MS)
    void this.#died.promise.then((error) => giveUp.abort(error))
    const onFailure = (error: Error) => {
      last = error.message
    }
    try {
      await untilHello(found.host, found.port, { signal: giveUp.signal, everyMs: LOOK_AGAIN_MS, onFailure })
      // Clients that come at once are let in, too.
      await Promise.all([...this.#open.keys()].map((name) => this.#startsEverywhere(name, this.#apis.get(node))))
    } finally {
      clearTimeout(timer)
    }
  }

  #revive(node: string): void {
    const state = this.#state.get(node)
    if (state === 'down') this.#nodes.tell(node, 'start')
    if (state === 'frozen') this.#nodes.tell(node, 'CONT')
    this.#state.set(node, 'up')
  }

  #news(node: string, what: NodeNews['what']): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        this.#listeners.delete(listener)
      }
      const listener = (news: NodeNews) => {
        if (news.node !== node || news.what !== what) return
        end()
        resolve()
      }
      const timer = setTimeout(() => {
        end()
        reject(messages.nodeNotDown(node, DOWN_LIMIT_MS))
      }, DOWN_LIMIT_MS)
      this.#listeners.add(listener)
    })
  }

  #hear(news: NodeNews): void {
    for (const listener of this.#listeners) listener(news)
    if (news.what === 'ended' && this.#state.get(news.node) !== 'down') {
      this.#fails(`node ${news.node} ended with exit code ${news.detail}`)
    }
  }

  #fails(how: string): void {
    if (this.#stopping) return
    this.#died.resolve(this.#ready ? messages.died(how, this.#nodes.log) : messages.diedBooting(how, this.#nodes.log))
  }

  async #openVhost(spelling: 'plain' | 'odd'): Promise<VhostLogin> {
    await this.#whole.promise
    const login = newLogin(spelling)
    await this.#api.addVhost(login)
    this.#open.set(login.name, login)
    await this.#startsEverywhere(login.name)
    return login
  }

  async #startsEverywhere(vhost: string, api = this.#api): Promise<void> {
    for (const until = performance.now() + VHOST_LIMIT_MS; performance.now() < until; await wait(LOOK_AGAIN_MS)) {
      if (await api.startVhostEverywhere(vhost)) return
    }
    this.#note(`${vhost} does not run on every node`)
  }

  async #closeVhost(name: string): Promise<void> {
    const login = this.#open.get(name)
    this.#open.delete(name)
    if (login === undefined) return
    await this.#whole.promise
    await this.#api.removeVhost(login).catch((error: unknown) => this.#note(`deleting ${name}: ${error}`))
  }

  /** Any node's will do. */
  get #api(): Management {
    const [first] = this.#apis.values()
    if (first === undefined) throw new Error('a cluster has nodes')
    return first
  }

  async #stop(): Promise<void> {
    this.#stopping = true
    for (const api of this.#apis.values()) api.hangUp()
    await this.#nodes.stop()
  }
}
