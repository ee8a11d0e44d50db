import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface ClusterConfig extends ServiceConfig {
  workers: number
  workerFile: string
}

export interface Cluster {
  ready: Promise<void>
  workers(): { pid: number; ready: boolean }[]
  stop(): Promise<void>
}

/** One place, with spawn() and callbacks; the waits grow by half, with a little chance in them. */
class Place extends EventEmitter {
  child: ChildProcess | undefined
  ready = false
  readonly #config: ClusterConfig
  #deaths = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(config: ClusterConfig) {
    super()
    this.#config = config
  }

  start(): void {
    const { amqpUrl, queue, prefetch, retryDelayMs, workerFile } = this.#config
    const startedAt = Date.now()
    const child = spawn(process.execPath, [workerFile], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        AMQP_URL: amqpUrl,
        QUEUE: queue,
        PREFETCH: `${prefetch}`,
        RETRY_DELAY_MS: `${retryDelayMs}`,
        PATH: process.env.PATH,
      },
    })
    this.child = child
    child.on('message', (message) => {
      if (message === 'ready') {
        this.ready = true
        this.emit('ready')
      }
    })
    child.on('exit', () => {
      this.child = undefined
      this.ready = false
      this.emit('gone')
      if (this.#stopped) return
      this.#deaths = Date.now() - startedAt < 10_000 ? this.#deaths + 1 : 1
      const wait = retryDelayMs * 1.5 ** (this.#deaths - 1) * (1 + Math.random() * 0.1)
      this.#timer = setTimeout(() => this.start(), Math.min(wait, 30_000))
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    const child = this.child
    if (!child) return
    const gone = once(this, 'gone')
    child.kill()
    const patience = setTimeout(() => child.kill('SIGKILL'), 3000)
    await gone
    clearTimeout(patience)
  }
}

export function startCluster(config: ClusterConfig): Cluster {
  const places: Place[] = []
  const ready = new Promise<void>((resolve) => {
    for (let i = 0; i < config.workers; i++) {
      const place = new Place(config)
      place.on('ready', () => places.every((each) => each.ready) && resolve())
      places.push(place)
    }
  })
  const early = Promise.withResolvers<never>()
  const cluster: Cluster = {
    ready: Promise.race([ready, early.promise]),
    workers: () => places.flatMap(({ child, ready }) => (child?.pid ? [{ pid: child.pid, ready }] : [])),
    async stop() {
      early.reject(new Error('stopped'))
      await Promise.all(places.map((place) => place.stop()))
    },
  }
  cluster.ready.catch(() => {})
  for (const place of places) place.start()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      await cluster.stop()
      process.exit(0)
    })
  }
  return cluster
}
