import { readFileSync } from 'node:fs'

/** Processes whose groups are to be killed when their guardian's lease ends. */
export class Guards {
  readonly #startedAt = new Map<number, string | undefined>()

  add(pid: number): void {
    this.#startedAt.set(pid, startOf(pid))
  }

  remove(pid: number): void {
    this.#startedAt.delete(pid)
  }

  killAll(): void {
    for (const [pid, startedAt] of this.#startedAt) {
      // A number that another process has by now is left alone. As long as one of the group lives, none can have it.
      const now = startOf(pid)
      if (now !== undefined && now !== startedAt) continue
      killGroup(pid)
    }
    this.#startedAt.clear()
  }
}

/** Kills a process group; on Windows, which has none, the process. */
export function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** When a process started, in its kernel's own count; undefined where it is gone or the kernel has no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, the command in parentheses, may hold spaces; the 22nd is the start.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
