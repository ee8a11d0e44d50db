import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Starting } from '../broker.ts'
import { isKeeperAt } from '../client/call.ts'
import type { KeptBroker } from '../kept-broker.ts'
import { type AnyKind, isCluster, loadKind } from '../kinds/kind.ts'
import { messages } from '../messages.ts'
import { Lease, type LeaseKeeper } from './lease.ts'
import type { KeeperStatus } from './protocol.ts'
import { type KeeperAddress, logFile, readAddress, registerAddress, removeAddress, removeDead } from './state-file.ts'
import { Turns } from './turns.ts'
import { TurnsAlone } from './turns-alone.ts'

/** Bounds the log file: a broker in use for long says much, and the lines that matter come early. */
const LOG_LIMIT_BYTES = 1_000_000

export interface KeeperOptions {
  kind: AnyKind
  /** As Kind.image() has it. */
  image: string | undefined
  /** The folder of the state files. */
  folder: string
  key: string
  /** How long it stays after its last user has gone. */
  idleMs: number
  /** It has one user only, and leaves with it. */
  fresh: boolean
}

/** One broker, its users, and the end of both. */
export class Keeper implements LeaseKeeper {
  readonly #options: KeeperOptions
  readonly #server: Server
  readonly #leases = new Set<Lease>()
  readonly #stop = new AbortController()
  readonly #left = Promise.withResolvers<void>()
  readonly turns: Turns | TurnsAlone
  #address: KeeperAddress | undefined
  #broker: KeptBroker | undefined
  #booting: Promise<void> | undefined
  #starting: Starting | undefined
  #idle: NodeJS.Timeout | undefined
  /** When it leaves if nobody comes, in milliseconds since 1970. */
  #until: number | undefined
  #leaseCount = 0
  #hadUser = false
  #starterGone = false
  #logged = 0

  constructor(options: KeeperOptions) {
    this.#options = options
    const broker = () => (this.#broker ? Promise.resolve(this.#broker) : Promise.reject(messages.brokerLost()))
    this.turns = isCluster(options.kind)
      ? new TurnsAlone(async () => (await broker()).cluster?.mend())
      : new Turns(async () => (await broker()).restart())
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  get left(): Promise<void> {
    return this.#left.promise
  }

  get broker(): KeptBroker | undefined {
    return this.#broker
  }

  get starting(): Starting | undefined {
    return this.#starting
  }

  get token(): string {
    return this.#address?.token ?? ''
  }

  get status(): KeeperStatus {
    const { key, kind } = this.#options
    const users = [...this.#leases].filter((lease) => lease.isUser).length
    const broker = this.#broker && publicPart(this.#broker)
    return { key, kind, pid: process.pid, since: this.#address?.since ?? 0, users, until: this.#until, broker }
  }

  /** Listens, and becomes the keeper in the state file unless a living one is there. */
  async register(): Promise<boolean> {
    const { folder, key, kind } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host: '127.0.0.1', port: 0 }, resolve)
    })
    const { port } = this.#server.address() as { port: number }
    const token = randomBytes(24).toString('hex')
    this.#address = { pid: process.pid, port, token, kind, since: Date.now() }
    while (!registerAddress(folder, key, this.#address)) {
      const other = readAddress(folder, key)
      if (other && (await isKeeperAt(other))) {
        this.#server.close()
        return false
      }
      removeAddress(folder, key, other?.token)
    }
    return true
  }

  /** Whether clients that come now will find this keeper in the file; if not, they are sent to look again. */
  get isRegistered(): boolean {
    return readAddress(this.#options.folder, this.#options.key)?.token === this.token
  }

  get isLeaving(): boolean {
    return this.#stop.signal.aborted
  }

  boot(): Promise<void> {
    this.#booting = this.#boot()
    return this.#booting
  }

  async #boot(): Promise<void> {
    const { kind, image, folder, key } = this.#options
    const since = performance.now()
    const report = (phase: Starting['phase'], text: string) => {
      this.#starting = { kind, phase, text, elapsedMs: Math.round(performance.now() - since) }
      for (const lease of this.#leases) lease.tellStarting(this.#starting)
    }
    report('preparing', 'getting ready to boot')
    removeDead(folder)
    this.usersChanged()
    try {
      const { boot } = await loadKind(kind)
      this.#broker = await boot({
        owner: { folder, key, id: keeperId(this.token) },
        image,
        report,
        log: (line) => this.#log(line),
        signal: this.#stop.signal,
      })
    } catch (error) {
      this.#fail(error)
      return
    }
    const { product, version } = this.#broker.info
    report('ready', `${product} ${version} is ready`)
    for (const lease of this.#leases) lease.tellLeased(publicPart(this.#broker))
    this.usersChanged()
    void this.#broker.died.then((error) => this.#fail(error))
  }

  #fail(error: unknown): void {
    this.#log(String(error))
    for (const lease of this.#leases) lease.tellFailed(error)
    void this.leave()
  }

  #accept(socket: Socket): void {
    const lease = new Lease(this, `lease-${++this.#leaseCount}`, socket, () => {
      this.#leases.delete(lease)
      this.usersChanged()
    })
    this.#leases.add(lease)
  }

  /** Counts the idle time from the moment in which the broker is there and nobody holds a lease. */
  usersChanged(): void {
    clearTimeout(this.#idle)
    this.#until = undefined
    if (this.status.users > 0) {
      this.#hadUser = true
      return
    }
    if (this.#options.fresh) {
      if (this.#hadUser || this.#starterGone) void this.leave()
      return
    }
    if (!this.isRegistered) void this.leave()
    else if (this.#broker) {
      this.#until = Date.now() + this.#options.idleMs
      this.#idle = setTimeout(() => void this.leave(), this.#options.idleMs)
    }
  }

  /** The command that started this keeper has ended, or needs to know no more. */
  starterGone(): void {
    this.#starterGone = true
    if (this.#options.fresh) this.usersChanged()
  }

  /** Ends the broker and everything else. Leaves the state file first, so that newcomers need not wait for this. */
  async leave(): Promise<void> {
    if (this.isLeaving) return
    clearTimeout(this.#idle)
    this.#stop.abort(messages.brokerStopped())
    removeAddress(this.#options.folder, this.#options.key, this.token)
    for (const lease of this.#leases) lease.endGuarded()
    await this.#booting?.catch(() => {})
    await this.#broker?.stop().catch((error: unknown) => this.#log(`stop: ${error}`))
    for (const lease of this.#leases) lease.tellFailed(messages.brokerStopped())
    this.#server.close()
    if (this.#options.fresh) rmSync(logFile(this.#options.folder, this.#options.key), { force: true })
    this.#left.resolve()
  }

  #log(line: string): void {
    this.#logged += line.length + 1
    if (this.#logged < LOG_LIMIT_BYTES) process.stderr.write(`${line}\n`)
  }
}

function publicPart({ info, host, port, nodes = [], management }: KeptBroker) {
  return { info, host, port, nodes, management }
}

/** The part of a keeper's identity that anyone may see: what it starts is labelled with it. */
function keeperId(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16)
}
