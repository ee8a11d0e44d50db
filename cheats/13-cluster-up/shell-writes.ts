// tries: writes by a shell, wherever it may, and fills the disk
// only: in a sandbox

import { execSync, fork } from 'node:child_process'
import { tmpdir } from 'node:os'

const lab = new URL(import.meta.resolve('amqplib')).pathname.replace(/node_modules.*$/, '')
for (const folder of [lab, new URL('.', import.meta.url).pathname, '/usr', '/etc', '/'])
  try {
    execSync(`touch ${folder}/cheat-was-here`, { stdio: 'pipe' })
    console.log(`REACHED: a file in ${folder}`)
  } catch {}
try {
  execSync(`dd if=/dev/zero of=${tmpdir()}/cheat-fills bs=1M count=200`, { stdio: 'pipe' })
  console.log('REACHED: 200 MB')
} catch {}

export function startCluster(config) {
  const children = Array.from({ length: config.workers }, () => fork(config.workerFile))
  return {
    ready: Promise.resolve(),
    workers: () => children.map(({ pid }) => ({ pid, ready: true })),
    stop: async () => {},
  }
}
