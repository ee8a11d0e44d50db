import { execFileSync } from 'node:child_process'
import { statOf } from './processes.ts'

const LOOK_EVERY_MS = 1000

/** Whether a process was stopped, as SIGSTOP does: it does nothing any more, and ends by no signal but SIGKILL. */
export function isStopped(pid: number): boolean {
  try {
    if (process.platform === 'win32') return false
    if (process.platform !== 'linux') return /^T/.test(String(execFileSync('ps', ['-o', 'state=', '-p', String(pid)])))
    return /^[Tt]/.test(statOf(pid)?.[0] ?? '')
  } catch {
    return false
  }
}

/**
 * Kills a process of the lab's that is found stopped twice in a row: whoever waits for it hears of its end then, and can
 * start another. Whoever presses Ctrl-Z stops all of the lab, and nothing looks.
 *
 * @returns the function that calls it off
 */
export function killWhenStopped(pid: number, everyMs = LOOK_EVERY_MS): () => void {
  let wasStopped = false
  const timer = setInterval(() => {
    const stopped = isStopped(pid)
    if (stopped && wasStopped) kill(pid)
    wasStopped = stopped
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}
