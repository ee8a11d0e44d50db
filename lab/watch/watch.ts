import { type Stats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { FSWatcher } from 'chokidar'

/** Editors save in several steps; so long it must be quiet before the file is looked at. */
const QUIET_MS = 25
/** A file that is written anew may be away for a moment. */
const AWAY_MS = 250
/** With events, how often it is seen whether one was missed. */
const LOOK_EVERY_MS = 1000
/** How long an event may be behind what was seen without it. */
const EVENT_LATE_MS = 300
const POLL_EVERY_MS = 300

export interface Watch extends Disposable {
  /** 'polling' where the file system sends no events, or LAB_POLL=1 asks for it. */
  readonly way: 'events' | 'polling'
}

export interface WatchOptions {
  /** By default what LAB_POLL says. */
  poll?: boolean
  /** Called once, when it turns out that the file system sends no events: the change that showed it is not lost. */
  onPolling?: () => void
}

/**
 * Calls `onSaved` whenever one of the files has been written, removed, or put back. They need not be there yet, but
 * their folders must.
 *
 *   chokidar's events ──▶ quiet for a moment ──▶ does the file look different? ──▶ onSaved
 *   a slow look now and then ──────────────────▶ different, and no event? chokidar polls from now on
 */
export function watchFiles(files: string[], onSaved: (changed: string[]) => void, options: WatchOptions = {}): Watch {
  return new FileWatch(files, onSaved, options)
}

class FileWatch implements Watch {
  way: Watch['way'] = 'events'
  /** By file: how it looked when it was last told of. */
  readonly #known: Map<string, string>
  readonly #onSaved: (changed: string[]) => void
  readonly #options: WatchOptions
  #watcher: FSWatcher | undefined
  #quiet: NodeJS.Timeout | undefined
  #next: NodeJS.Timeout | undefined
  #lastEvent = Number.NEGATIVE_INFINITY
  #ended = false

  constructor(files: string[], onSaved: (changed: string[]) => void, options: WatchOptions) {
    this.#onSaved = onSaved
    this.#options = options
    this.#known = new Map(files.map((file) => [file, looksNow(file)]))
    const poll = options.poll ?? (process.env.LAB_POLL !== undefined && !['', '0'].includes(process.env.LAB_POLL))
    if (poll) this.way = 'polling'
    void this.#listen()
  }

  async #listen(): Promise<void> {
    // The first screen does not wait for it.
    const { watch } = await import('chokidar')
    if (this.#ended) return
    const backend = this.way === 'polling' ? 'polling' : 'auto'
    this.#watcher = watch([...this.#known.keys()], { ignoreInitial: true, backend, pollingInterval: POLL_EVERY_MS })
    this.#watcher.on('all', () => this.#onEvent())
    // What was saved before it listened sent no event.
    this.#watcher.on('ready', () => void this.#look())
    // The system has no more watches to give.
    this.#watcher.on('error', () => this.#poll())
    this.#seeWhetherMissed()
  }

  #onEvent(): void {
    this.#lastEvent = performance.now()
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => void this.#look(), QUIET_MS)
  }

  /** Tells of what looks different from what was told last. */
  async #look(): Promise<void> {
    const changed = await this.#changed()
    const away = changed.filter(([, looks]) => looks === GONE)
    // Renamed over, or written anew: it is back in a moment, with an event or without.
    if (away.length > 0) await new Promise((done) => setTimeout(done, AWAY_MS))
    const settled = away.length > 0 ? await this.#changed() : changed
    if (this.#ended || settled.length === 0) return
    for (const [file, looks] of settled) this.#known.set(file, looks)
    this.#onSaved(settled.map(([file]) => file))
  }

  async #changed(): Promise<[file: string, looks: string][]> {
    const now = await Promise.all([...this.#known.keys()].map(async (file) => [file, await looks(file)] as const))
    return now.flatMap(([file, looks]) => (looks === this.#known.get(file) ? [] : [[file, looks]]))
  }

  #seeWhetherMissed(): void {
    if (this.way === 'polling' || this.#ended) return
    const see = async () => {
      const from = performance.now() - EVENT_LATE_MS
      if ((await this.#changed()).length > 0) {
        await new Promise((done) => setTimeout(done, EVENT_LATE_MS))
        if (this.#lastEvent < from) this.#poll()
      }
      this.#seeWhetherMissed()
    }
    this.#next = setTimeout(() => void see(), LOOK_EVERY_MS)
  }

  #poll(): void {
    if (this.way === 'polling' || this.#ended) return
    this.way = 'polling'
    void this.#watcher?.close()
    void this.#listen()
    this.#options.onPolling?.()
  }

  [Symbol.dispose](): void {
    this.#ended = true
    clearTimeout(this.#quiet)
    clearTimeout(this.#next)
    void this.#watcher?.close()
  }
}

const GONE = 'gone'

async function looks(file: string): Promise<string> {
  return stat(file).then(print, () => GONE)
}

function looksNow(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats === undefined ? GONE : print(stats)
}

/** Some file systems keep times in whole seconds: so the size and the file's own number count as well. */
function print({ mtimeMs, ctimeMs, size, ino }: Stats): string {
  return [mtimeMs, ctimeMs, size, ino].join(' ')
}
