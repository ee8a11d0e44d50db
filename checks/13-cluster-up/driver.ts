import { drive } from '../../lab/student/drive.ts'

/** What the lab can ask of lesson 13's exercise. */

export interface Config {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
  workers: number
  workerFile: string
}

interface Cluster {
  ready: Promise<void>
  workers(): { pid: number; ready: boolean }[]
  stop(): Promise<void>
}

interface Exercise {
  startCluster(config: Config): Cluster
}

let cluster: Cluster | undefined
// The same clock as that on which the lab hears of the processes that this one starts.
const now = performance.now.bind(performance)

export default drive<Exercise>({
  exports: ['startCluster'],
  calls: {
    start(exercise, config: Config, line) {
      cluster = exercise.startCluster(config)
      Promise.resolve(cluster.ready).then(
        () => line.tell('cluster-ready'),
        (error: unknown) => line.tell('cluster-not-ready', { message: String(Object(error).message ?? error) }),
      )
      const { ready, workers, stop } = cluster
      return { ready: typeof ready?.then, workers: typeof workers, stop: typeof stop }
    },
    list: () => cluster?.workers(),
    async stop(_, __: object, line) {
      line.tell('stop-called', { atMs: now() })
      await cluster?.stop()
      line.tell('stopped', { atMs: now() })
    },
    /** From now on only what the exercise has going keeps the process alive. */
    mayEnd: (_, __: object, line) => line.mayEnd(),
  },
})
