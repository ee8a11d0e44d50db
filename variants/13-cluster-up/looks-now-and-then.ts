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

interface Place {
  child?: ChildProcess
  startedAt: number
  ready: boolean
  wait: number
  notBefore: number
}

/** One timer that looks at every place and does what is due, as the controllers of a platform do. */
export function startCluster(config: ClusterConfig): Cluster {
  const places: Place[] = Array.from({ length: config.workers }, () => ({
    startedAt: 0,
    ready: false,
    wait: config.retryDelayMs,
    notBefore: 0,
  }))
  const env = {
    ...process.env,
    AMQP_URL: config.amqpUrl,
    QUEUE: config.queue,
    PREFETCH: config.prefetch.toString(),
    RETRY_DELAY_MS: config.retryDelayMs.toString(),
  }
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)
  let stopAt: number | undefined

  function look(): void {
    if (stopAt !== undefined) {
      const left = places.flatMap(({ child }) => child ?? [])
      if (left.length === 0) {
        clearInterval(timer)
        ended.resolve()
      }
      if (Date.now() > stopAt + 5000) for (const child of left) child.kill('SIGKILL')
      return
    }
    for (const place of places) if (!place.child && Date.now() >= place.notBefore) fill(place)
    if (places.every((place) => place.ready)) ready.resolve()
  }

  function fill(place: Place): void {
    const child = fork(config.workerFile, { env })
    Object.assign(place, { child, startedAt: Date.now(), ready: false })
    child.on('message', (message) => {
      place.ready = message === 'ready'
    })
    child.on('exit', () => {
      const isYoung = Date.now() - place.startedAt < 10_000
      if (!isYoung) place.wait = config.retryDelayMs
      place.notBefore = Date.now() + place.wait
      place.wait = isYoung ? Math.min(place.wait * 1.4, 30_000) : place.wait
      place.ready = false
      delete place.child
    })
  }

  const timer = setInterval(look, 20)
  look()

  async function stop(): Promise<void> {
    if (stopAt === undefined) {
      stopAt = Date.now()
      ready.reject(new Error('The cluster was stopped.'))
      for (const { child } of places) child?.kill('SIGTERM')
    }
    return ended.promise
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return {
    ready: ready.promise,
    workers: () => places.flatMap(({ child, ready }) => (child?.pid === undefined ? [] : [{ pid: child.pid, ready }])),
    stop,
  }
}
