import cluster, { type Worker } from 'node:cluster'
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

/** Node's own cluster module starts the processes; one count of early deaths for all of them. */
export function startCluster(config: ClusterConfig): Cluster {
  const readyOnes = new Set<number>()
  const timers = new Set<NodeJS.Timeout>()
  let earlyDeaths = 0
  let stopping = false
  const ready = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  ready.promise.catch(() => {})

  cluster.setupPrimary({ exec: config.workerFile })
  const start = () => {
    const startedAt = performance.now()
    const worker = cluster.fork({
      AMQP_URL: config.amqpUrl,
      QUEUE: config.queue,
      PREFETCH: config.prefetch,
      RETRY_DELAY_MS: config.retryDelayMs,
    })
    worker.on('message', (message) => {
      if (message !== 'ready') return
      readyOnes.add(worker.id)
      if (readyOnes.size >= config.workers) ready.resolve()
    })
    worker.on('exit', () => {
      readyOnes.delete(worker.id)
      if (stopping) {
        if (living().length === 0) stopped.resolve()
        return
      }
      earlyDeaths = performance.now() - startedAt < 10_000 ? earlyDeaths + 1 : 0
      const timer = setTimeout(
        () => {
          timers.delete(timer)
          start()
        },
        Math.min(30_000, config.retryDelayMs * 2 ** Math.max(0, earlyDeaths - 1)),
      )
      timers.add(timer)
    })
  }
  // One that has exited stays in Node's list until its channel is closed, too.
  const living = (): Worker[] =>
    Object.values(cluster.workers ?? {})
      .filter((worker) => worker !== undefined)
      .filter((worker) => !worker.isDead())

  const stop = async () => {
    if (!stopping) {
      stopping = true
      ready.reject(new Error('stopped first'))
      for (const timer of timers) clearTimeout(timer)
      for (const worker of living()) worker.process.kill('SIGTERM')
      const killing = setTimeout(() => {
        for (const worker of living()) worker.process.kill('SIGKILL')
      }, 3500)
      stopped.promise.then(() => clearTimeout(killing))
      if (living().length === 0) stopped.resolve()
    }
    await stopped.promise
  }
  const onSignal = (signal: NodeJS.Signals) => {
    stop().then(() => {
      // As if nobody had listened.
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    })
  }
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal)
  for (let i = 0; i < config.workers; i++) start()
  return {
    ready: ready.promise,
    workers: () => living().map(({ id, process: { pid = 0 } }) => ({ pid, ready: readyOnes.has(id) })),
    stop,
  }
}
