// tries: stops and kills every process that it sees, by a shell
// only: in a sandbox

import { execSync, fork } from 'node:child_process'

try {
  execSync('kill -STOP 1; kill -KILL 1; kill -STOP $PPID', { stdio: 'pipe' })
} catch {}

export function startCluster(config) {
  const children = Array.from({ length: config.workers }, () => fork(config.workerFile))
  return {
    ready: Promise.resolve(),
    workers: () => children.map(({ pid }) => ({ pid, ready: true })),
    stop: async () => {},
  }
}
