import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { isIn, outermost } from '../outermost.ts'
import { isAlive } from '../processes.ts'

/** A folder outside, and where it is seen in the sandbox. */
export interface Mount {
  from: string
  at: string
}

export interface StagingPlan {
  /** The lab's root folder, in whose `.lab` the copies are kept as long as they are needed. */
  root: string
  /** Folders of the submission's: what is in them can be read, too. */
  folders: string[]
}

/** Of a submission; far beyond what any needs. */
const MOST_FILES = 2000
const MOST_BYTES = 16 * 1024 * 1024
const LONGEST_BYTES = 1024 * 1024
const DEEPEST = 8
/** In a folder that another process removes: its number. */
const REMOVER = 'remover'
const LEFT_OUT = new Set(['node_modules', '.git', '.lab'])
const AGENT = ['agent.mjs', 'frames.mjs'].map((name) => join(import.meta.dirname, 'agent', name))

/**
 * What can be read in a sandbox: copies, under the paths that they have outside, so that every message names the same file.
 * Nothing of the disk itself is mounted, so no link leads anywhere.
 *
 *   .lab/sandbox/PID-ID/0/…  ──▶  the lab's root: the student's part of the lab, amqplib, earlier solutions
 *                      /1/…  ──▶  the submission
 */
export class Staging {
  readonly mounts: Mount[] = []
  /** The agent's path in the sandbox. */
  readonly agent = AGENT[0] as string
  /** What the folders of the mounts are in. */
  readonly folder: string
  readonly #plan: StagingPlan

  /** Makes the folders, with nothing but the agent in them: a sandbox can start. */
  constructor(plan: StagingPlan) {
    const { root, folders } = plan
    this.#plan = plan
    const all = sweepStaging(root)
    this.folder = join(all, `${process.pid}-${randomUUID()}`)
    live.add(this)
    for (const place of outermost([root, ...folders])) this.#mount(place)
    this.#take(AGENT)
  }

  /** Copies everything else. @param files of the lab's, that can be read in the sandbox */
  fill(files: string[]): void {
    const { root, folders } = this.#plan
    this.#take(files)
    const room = { files: MOST_FILES, bytes: MOST_BYTES }
    for (const folder of folders) this.#copy(folder, root, room, DEEPEST)
  }

  #take(files: string[]): void {
    for (const file of files) {
      const text = regular(file, Number.POSITIVE_INFINITY)
      if (text !== undefined) this.write(file, text)
    }
  }

  /** Puts a file under this path of the sandbox's, also while something runs in there. */
  write(path: string, content: string | Buffer): void {
    const mount = this.mounts.find(({ at }) => isIn(at, path))
    if (mount === undefined) throw new Error(`${path} is in no folder of the sandbox`)
    const file = join(mount.from, relative(mount.at, path))
    open(dirname(file), mount.from)
    writeFileSync(file, content)
    chmodSync(file, 0o644)
  }

  /** A process removes the folder from now on, whatever becomes of this one. */
  leaveTo(pid: number): void {
    live.delete(this)
    writeFileSync(join(this.folder, REMOVER), String(pid))
  }

  remove(): void {
    live.delete(this)
    rmSync(this.folder, { recursive: true, force: true })
  }

  #mount(at: string): void {
    const from = join(this.folder, String(this.mounts.length))
    mkdirSync(from, { recursive: true })
    chmodSync(from, 0o755)
    this.mounts.push({ from, at })
  }

  #copy(folder: string, root: string, room: { files: number; bytes: number }, depth: number): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      // The lab itself may be somewhere below the submission; then it is none of that.
      if (LEFT_OUT.has(entry.name) || (path !== folder && isIn(path, root)) || path === root) continue
      if (entry.isDirectory() && depth > 0) this.#copy(path, root, room, depth - 1)
      if (!entry.isFile() || room.files <= 0) continue
      const text = regular(path, Math.min(LONGEST_BYTES, room.bytes))
      if (text === undefined) continue
      room.files--
      room.bytes -= text.length
      this.write(path, text)
    }
  }
}

/** The content of a regular file that is not too large; undefined for anything else, links too. */
function regular(path: string, mostBytes: number): Buffer | undefined {
  let file: number
  try {
    // The path may have become something else since the folder was read.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch {
    return undefined
  }
  try {
    const stat = fstatSync(file)
    return stat.isFile() && stat.size <= mostBytes ? readFileSync(file) : undefined
  } finally {
    closeSync(file)
  }
}

/** Makes a folder that everybody can look into, as far up as the mount. */
function open(folder: string, top: string): void {
  if (folder === top || lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return
  open(dirname(folder), top)
  mkdirSync(folder)
  chmodSync(folder, 0o755)
}

/** Those of this process: where it ends early, they go with it. */
const live = new Set<Staging>()
process.once('exit', () => {
  for (const staging of live) staging.remove()
})

/** Removes what processes that were killed have left. @returns the folder in which they keep their copies */
export function sweepStaging(root: string): string {
  const all = join(root, '.lab', 'sandbox')
  mkdirSync(all, { recursive: true })
  for (const name of readdirSync(all)) {
    const owner = Number.parseInt(name, 10)
    const folder = join(all, name)
    const isLeft = [owner, removerOf(folder)].every((pid) => pid === undefined || !isAlive(pid))
    if (owner > 0 && isLeft) rmSync(folder, { recursive: true, force: true })
  }
  return all
}

/** The process that removes a folder; undefined where its owner does. */
function removerOf(folder: string): number | undefined {
  const text = regular(join(folder, REMOVER), 32)?.toString('utf8') ?? ''
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined
}
