// tries: reads the disk and the processes of others by a shell
// without a sandbox: it reaches what its user may: lesson 13 may start a shell, which Node does not limit

import { execSync, fork } from 'node:child_process'

for (const command of [
  'cat /etc/shadow',
  'ls /root /home/*/',
  'cat /proc/1/environ | tr "\\0" "\\n" | grep -E "^(LAB_|npm_|USER=|SSH_)"',
  'ls /var/run/docker.sock',
  'ps -e | grep -q rabbit',
])
  try {
    if (String(execSync(command, { stdio: 'pipe' })).trim() !== '') console.log(`REACHED: ${command}`)
  } catch {}

export function startCluster(config) {
  const children = Array.from({ length: config.workers }, () => fork(config.workerFile))
  return {
    ready: Promise.resolve(),
    workers: () => children.map(({ pid }) => ({ pid, ready: true })),
    stop: async () => {},
  }
}
