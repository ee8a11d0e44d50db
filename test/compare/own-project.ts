import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a command of the lab that is at `root`, and waits for its end. */
export function runLab(root: string, args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'lab', 'start.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', INIT_CWD: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ran.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ran.stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...ran, code }))
  })
}
