import { type ChildProcess, fork } from 'node:child_process'
import type { ServiceConfig } from '../05-first-service/exercise.ts'

export interface ClusterConfig extends ServiceConfig {
  /** How many worker processes to run. */
  workers: number
  /** The file that each of them runs: a service that calls process.send('ready') when it's ready. */
  workerFile: string
}

export interface Cluster {
  /** Resolves when all workers are ready; rejects if the cluster is stopped first. */
  ready: Promise<void>
  /** The workers that are alive. */
  workers(): { pid: number; ready: boolean }[]
  /** Takes the cluster down. Resolves when no worker is left. */
  stop(): Promise<void>
}

/** Starts the workers, replaces the ones that die, and takes all of them down when you call stop(). */
export function startCluster(config: ClusterConfig): Cluster {
  const children: ChildProcess[] = []
  for (let i = 0; i < config.workers; i++) children.push(fork(config.workerFile))
  return {
    ready: Promise.resolve(),
    workers: () => children.map(({ pid = 0 }) => ({ pid, ready: true })),
    stop: async () => {
      for (const child of children) child.kill()
    },
  }
}
