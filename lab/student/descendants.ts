import { readdirSync, readFileSync } from 'node:fs'
import { startOf, statOf } from '../processes.ts'

const LOOK_EVERY_MS = 250
/** All that look share one look at the machine. */
const SHARED_MS = 200
/** Whatever starts others faster than they are killed does so for a while, not for ever. */
const MOST_ROUNDS = 200

interface Entry {
  parent: number
  group: number
  session: number
  /** In the kernel's own count: a number that was used again has another. */
  startedAt: string
}

/** A variable that tells whose a process is that has lost its parent. What it starts inherits it. */
export const MARK_VARIABLE = 'CLUSTER_UP_MARK'

/**
 * All that a process has started, and they in turn, on Linux: a shell that leaves its process group, and whose parent is
 * gone, is still known by its session, by the group that it has left, by the mark in its environment, or because it was
 * seen before.
 */
export class Descendants {
  readonly #root: number
  readonly #mark: string
  /** Orphans without the mark. */
  readonly #strangers = new Map<number, string>()
  readonly #known = new Map<number, string>()
  readonly #timer: NodeJS.Timeout | undefined

  /** @param many told when there are more than `most` */
  constructor(root: number, mark: string, most: number, many: () => void) {
    this.#root = root
    this.#mark = mark
    if (process.platform !== 'linux') return
    this.#look()
    this.#timer = setInterval(() => {
      if (this.#look(SHARED_MS) > most) many()
    }, LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** How many live. */
  get count(): number {
    return process.platform === 'linux' ? this.#look() : 0
  }

  /** Whether it is one of them. */
  has(pid: number): boolean {
    if (process.platform !== 'linux' || this.#known.has(pid)) return true
    // Asked for each process that is started: looking at all of them each time would take longer than starting them.
    const entry = entryOf(String(pid))
    if (entry === undefined || !this.#isRelated(entry)) return false
    this.#known.set(pid, entry.startedAt)
    return true
  }

  /**
   * Kills all of them, and what they start meanwhile.
   *
   * @param killRoot ends the process itself, when it has been seen what it has started
   */
  kill(killRoot: () => void): void {
    clearInterval(this.#timer)
    if (process.platform !== 'linux') {
      killRoot()
      return
    }
    if (all(0).has(this.#root)) send(this.#root, 'SIGSTOP')
    this.#look()
    killRoot()
    for (let round = 0; round < MOST_ROUNDS && this.#look() > 0; round++) {
      // Stopped first, none starts another in the place of one that is killed.
      for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of this.#known.keys()) send(pid, signal)
    }
  }

  /** @returns how many live */
  #look(mostAgeMs = 0): number {
    const living = all(mostAgeMs)
    for (const [pid, startedAt] of this.#known) if (living.get(pid)?.startedAt !== startedAt) this.#known.delete(pid)
    for (let before = -1; before !== this.#known.size; ) {
      before = this.#known.size
      for (const [pid, entry] of living) {
        if (pid === this.#root || this.#known.has(pid)) continue
        if (this.#isRelated(entry) || this.#isMarked(pid, entry)) this.#known.set(pid, entry.startedAt)
      }
    }
    return this.#known.size
  }

  #isRelated({ parent, group, session }: Entry): boolean {
    return [parent, group, session].some((one) => one === this.#root || this.#known.has(one))
  }

  /** An orphan that one of them has started, as its environment says; each is asked once. */
  #isMarked(pid: number, { parent, startedAt }: Entry): boolean {
    if (parent > 1 || this.#strangers.get(pid) === startedAt) return false
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK_VARIABLE}=${this.#mark}\0`)) return true
    } catch {
      // Somebody else's, or gone.
    }
    this.#strangers.set(pid, startedAt)
    return false
  }
}

let seen: { atMs: number; living: Map<number, Entry> } | undefined

function all(mostAgeMs: number): Map<number, Entry> {
  const now = performance.now()
  if (seen === undefined || now - seen.atMs > mostAgeMs) seen = { atMs: now, living: processes() }
  return seen.living
}

function processes(): Map<number, Entry> {
  const found = new Map<number, Entry>()
  for (const name of readdirSync('/proc')) {
    const entry = /^\d+$/.test(name) ? entryOf(name) : undefined
    if (entry) found.set(Number(name), entry)
  }
  return found
}

/** Undefined where it is gone, or dead and not buried yet: that does nothing any more. */
function entryOf(pid: string): Entry | undefined {
  const stat = statOf(pid)
  if (stat === undefined) return undefined
  const [state, parent, group, session] = stat
  if (state === 'Z' || state === 'X') return undefined
  return { parent: Number(parent), group: Number(group), session: Number(session), startedAt: startOf(stat) ?? '' }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}
