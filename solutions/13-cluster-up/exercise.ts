import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface ClusterConfig extends ServiceConfig {
  workers: number
  /** A service that calls process.send('ready') when it's ready. */
  workerFile: string
}

export interface Cluster {
  /** Resolves when all workers are ready; rejects if the cluster is stopped first. */
  ready: Promise<void>
  /** The workers that are alive. */
  workers(): { pid: number; ready: boolean }[]
  /** Resolves when no worker is left. */
  stop(): Promise<void>
}

/** If a worker dies sooner than this, whatever killed it is probably still there. */
const YOUNG_MS = 10_000
const LONGEST_WAIT_MS = 30_000
const GRACE_MS = 4000

interface Worker {
  child: ChildProcess
  pid: number
  ready: boolean
}

/** Starts the workers, replaces the ones that die, and ends all of them on stop() or when its own process ends. */
export function startCluster(config: ClusterConfig): Cluster {
  const stopping = new AbortController()
  const live = new Set<Worker>()
  const ready = Promise.withResolvers<void>()
  // If the caller never awaits it, a rejection mustn't end the process.
  ready.promise.catch(() => {})

  const places = Array.from({ length: config.workers }, keepOneUp)

  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.once('exit', killAll)

  /** Looks after one place in the cluster: a worker, a wait, the next worker. */
  async function keepOneUp(): Promise<void> {
    let waitMs = config.retryDelayMs
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      await life(start(config))
      if (performance.now() - startedAt >= YOUNG_MS) waitMs = config.retryDelayMs
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
      waitMs = Math.min(Math.max(waitMs * 2, 100), LONGEST_WAIT_MS)
    }
  }

  /** Tracks a worker until it ends. */
  async function life(child: ChildProcess): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      // It couldn't even be started.
      child.once('error', () => resolve())
    })
    if (child.pid === undefined) return ended
    const worker = { child, pid: child.pid, ready: false }
    live.add(worker)
    child.on('message', (message) => {
      if (message !== 'ready') return
      worker.ready = true
      if ([...live].filter((each) => each.ready).length === config.workers) ready.resolve()
    })
    await ended
    live.delete(worker)
  }

  async function takeDown(): Promise<void> {
    stopping.abort()
    ready.reject(new Error('The cluster was stopped before it was ready.'))
    for (const { child } of live) child.kill('SIGTERM')
    const patience = setTimeout(killAll, GRACE_MS)
    await Promise.all(places)
    clearTimeout(patience)
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
    process.off('exit', killAll)
  }

  function killAll(): void {
    for (const { child } of live) child.kill('SIGKILL')
  }

  let stopped: Promise<void> | undefined
  function stop(): Promise<void> {
    stopped ??= takeDown()
    return stopped
  }

  /** Once the workers are gone, nothing keeps this process alive, so it exits by itself. */
  function onSignal(): void {
    void stop()
  }

  return { ready: ready.promise, workers: () => [...live].map(({ pid, ready }) => ({ pid, ready })), stop }
}

/** Starts a process with a message channel to this one, and the settings in its environment. */
function start({ amqpUrl, queue, prefetch, retryDelayMs, workerFile }: ClusterConfig): ChildProcess {
  return fork(workerFile, {
    env: {
      ...process.env,
      AMQP_URL: amqpUrl,
      QUEUE: queue,
      PREFETCH: String(prefetch),
      RETRY_DELAY_MS: String(retryDelayMs),
    },
  })
}
