// tries: leaves a daemon behind: a shell that leaves its process group

import { fork, spawn } from 'node:child_process'

spawn('sh', ['-c', 'setsid sh -c "sleep 987 & sleep 987 & wait" >/dev/null 2>&1 &'], {
  detached: true,
  stdio: 'ignore',
}).unref()
await new Promise((resolve) => setTimeout(resolve, 300))

export function startCluster(config) {
  const children = Array.from({ length: config.workers }, () => fork(config.workerFile))
  return {
    ready: Promise.resolve(),
    workers: () => children.map(({ pid }) => ({ pid, ready: true })),
    stop: async () => {},
  }
}
