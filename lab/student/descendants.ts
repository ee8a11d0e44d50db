import { readdirSync, readFileSync } from 'node:fs'

const LOOK_EVERY_MS = 100
/** Whatever starts others faster than they are killed does so for a while, not for ever. */
const MOST_ROUNDS = 200

interface Entry {
  parent: number
  group: number
  session: number
  /** In the kernel's own count: a number that was used again has another. */
  startedAt: string
}

/**
 * All that a process has started, and they in turn, on Linux: a shell that leaves its process group, and whose parent is
 * gone, is still known by its session, by the group that it has left, or because it was seen before.
 */
export class Descendants {
  readonly #root: number
  readonly #known = new Map<number, string>()
  readonly #timer: NodeJS.Timeout | undefined

  /** @param many told when there are more than `most` */
  constructor(root: number, most: number, many: () => void) {
    this.#root = root
    if (process.platform !== 'linux') return
    this.#look()
    this.#timer = setInterval(() => {
      if (this.#look() > most) many()
    }, LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** How many live. */
  get count(): number {
    return process.platform === 'linux' ? this.#look() : 0
  }

  /** Whether it is one of them. */
  has(pid: number): boolean {
    if (process.platform !== 'linux') return true
    this.#look()
    return this.#known.has(pid)
  }

  /** Kills all of them, and what they start meanwhile. */
  kill(): void {
    clearInterval(this.#timer)
    if (process.platform !== 'linux') return
    for (let round = 0; round < MOST_ROUNDS && this.#look() > 0; round++) {
      // Stopped first, none starts another in the place of one that is killed.
      for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of this.#known.keys()) send(pid, signal)
    }
  }

  /** @returns how many live */
  #look(): number {
    const all = processes()
    for (const [pid, startedAt] of this.#known) if (all.get(pid)?.startedAt !== startedAt) this.#known.delete(pid)
    for (let before = -1; before !== this.#known.size; ) {
      before = this.#known.size
      for (const [pid, { parent, group, session, startedAt }] of all) {
        const isOne = [parent, group, session].some((one) => one === this.#root || this.#known.has(one))
        if (isOne && pid !== this.#root) this.#known.set(pid, startedAt)
      }
    }
    return this.#known.size
  }
}

function processes(): Map<number, Entry> {
  const found = new Map<number, Entry>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [state, parent, group, session] = fields
      // What is dead and not buried yet does nothing any more.
      if (state === 'Z' || state === 'X') continue
      const numbers = { parent: Number(parent), group: Number(group), session: Number(session) }
      found.set(Number(name), { ...numbers, startedAt: fields[19] ?? '' })
    } catch {
      // It has ended meanwhile.
    }
  }
  return found
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}
