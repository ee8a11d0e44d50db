import { drive } from '../../student/drive.ts'
import type { Settings } from './worker.ts'

interface Config {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
  workers: number
  workerFile: string
}

interface Exercise {
  startCluster(config: Config): { ready: Promise<void> }
}

const WORKERS = 3

/** Brings lesson 13's cluster up: three workers, which run a file of the lab's. Signals are the cluster's own business. */
export default drive<Exercise>({
  exports: ['startCluster'],
  calls: {
    async run(exercise, { url, queue, workerFile = '' }: Settings) {
      const config = { amqpUrl: url, queue, prefetch: 1, retryDelayMs: 1000, workers: WORKERS, workerFile }
      const cluster = exercise.startCluster(config)
      // From now on only what the exercise has going keeps the process alive.
      process.channel?.unref()
      await cluster.ready
      console.log(` [*] The cluster is up: ${WORKERS} workers are ready`)
    },
  },
})
