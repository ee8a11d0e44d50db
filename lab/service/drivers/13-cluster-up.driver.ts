import { drive } from '../../student/drive.ts'
import { configOf, type ServiceConfig, type Settings } from './worker.ts'

interface Config extends ServiceConfig {
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
    async run(exercise, settings: Settings, line) {
      const { workerFile = '' } = settings
      const cluster = exercise.startCluster({ ...configOf(settings), workers: WORKERS, workerFile })
      // From now on only what the exercise has going keeps the process alive.
      line.mayEnd()
      await cluster.ready
      console.log(` [*] The cluster is up: ${WORKERS} workers are ready`)
    },
  },
})
