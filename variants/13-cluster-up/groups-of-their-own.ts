import { type ChildProcess, fork } from 'node:child_process'
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

/** Each worker in a process group of its own, so that Ctrl-C reaches the parent alone; promise chains and an abort signal. */
export function startCluster(config: ClusterConfig): Cluster {
  const { amqpUrl, queue, prefetch, retryDelayMs, workers: count, workerFile } = config
  const children = new Map<ChildProcess, { ready: boolean }>()
  const down = new AbortController()

  const run = () =>
    new Promise<number>((resolve) => {
      const from = performance.now()
      const child = fork(workerFile, [], {
        detached: true,
        execArgv: [],
        env: Object.assign({}, process.env, {
          AMQP_URL: amqpUrl,
          QUEUE: queue,
          PREFETCH: String(prefetch),
          RETRY_DELAY_MS: String(retryDelayMs),
        }),
      })
      children.set(child, { ready: false })
      child.on('message', (message) => {
        if (message !== 'ready') return
        children.set(child, { ready: true })
        check()
      })
      child.once('exit', () => {
        children.delete(child)
        resolve(performance.now() - from)
      })
    })
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      down.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  const keep = (wait: number): Promise<void> =>
    down.signal.aborted
      ? Promise.resolve()
      : run().then((lived) => {
          const now = lived < 10_000 ? wait : retryDelayMs
          return pause(now).then(() => keep(Math.min(now * 3, 30_000)))
        })

  let check = () => {}
  const ready = new Promise<void>((resolve, reject) => {
    check = () => {
      if ([...children.values()].filter(({ ready }) => ready).length === count) resolve()
    }
    down.signal.addEventListener('abort', () => reject(new Error('stopped')))
  })
  ready.catch(() => {})

  const all = Promise.all(Array.from({ length: count }, () => keep(retryDelayMs)))
  const send = (signal: NodeJS.Signals) => {
    for (const child of children.keys()) child.kill(signal)
  }
  const stop = () => {
    if (!down.signal.aborted) {
      down.abort()
      send('SIGTERM')
      const timer = setTimeout(send, 6000, 'SIGKILL')
      void all.finally(() => clearTimeout(timer))
    }
    return all.then(() => {})
  }
  const leave = () => stop().then(() => process.exit(0))
  process.once('SIGTERM', leave)
  process.once('SIGINT', leave)
  process.on('exit', () => send('SIGKILL'))

  return {
    ready,
    workers: () => Array.from(children, ([child, { ready }]) => ({ pid: Number(child.pid), ready })),
    stop,
  }
}
