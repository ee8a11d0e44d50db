import { startOf, statOf } from '../../processes.ts'

/** Processes whose groups are to be killed when their guardian's lease ends. */
export class Guards {
  readonly #startedAt = new Map<number, string | undefined>()

  add(pid: number): void {
    this.#startedAt.set(pid, startOf(statOf(pid)))
  }

  remove(pid: number): void {
    this.#startedAt.delete(pid)
  }

  killAll(): void {
    for (const [pid, startedAt] of this.#startedAt) {
      // A number that another process has by now is left alone. As long as one of the group lives, none can have it.
      const now = startOf(statOf(pid))
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
