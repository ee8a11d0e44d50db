import { readFileSync } from 'node:fs'

/** Whether there is a process of this number, somebody else's included. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * What the kernel says of a process in /proc/PID/stat (proc(5)), from the third field, the state, on; undefined where the
 * process is gone, or the kernel has no /proc.
 */
export function statOf(pid: number | string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field, the command in parentheses, may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** When it started, in its kernel's own count, by its `statOf`: the 22nd field of all. */
export function startOf(stat: string[] | undefined): string | undefined {
  return stat?.[19]
}
