import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { array, boolean, integer, number, object, optional, pipe, safeParse, string } from 'valibot'
import { isAlive } from '../processes.ts'
import { writeFileAtomic } from '../write-file-atomic.ts'

/**
 * The runs of a checkout, for `npm run send` in a second terminal: `.lab/runs/PID.json`, one file a run.
 *
 *   { "pid": 4711, "lesson": "05-first-service", "url": "amqp://…@127.0.0.1:…/…", "queue": "task_queue", "began": 1764000000000 }
 *
 * A run on a cluster also has the `urls` of all nodes, as any of them may be down, and `isReplicated`: its queue is a quorum queue.
 * The URLs are on loopback, for a user and a virtual host that are gone when the run is. A file whose process is gone is
 * of a run that was killed; whoever sees it takes it away.
 */
const Run = object({
  pid: pipe(number(), integer()),
  lesson: string(),
  url: string(),
  urls: optional(array(string())),
  isReplicated: optional(boolean()),
  queue: string(),
  began: number(),
})
export interface AnnouncedRun {
  pid: number
  lesson: string
  url: string
  urls?: string[] | undefined
  isReplicated?: boolean | undefined
  queue: string
  began: number
}

/** @returns what takes the announcement back */
export function announce(state: string, run: AnnouncedRun): Disposable {
  const folder = join(state, 'runs')
  // It holds a password: nobody else's business, throwaway as it is.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileAtomic(fileOf(state, run), `${JSON.stringify(run)}\n`, { mode: 0o600 })
  return { [Symbol.dispose]: () => withdraw(state, run) }
}

export function withdraw(state: string, run: Pick<AnnouncedRun, 'pid'>): void {
  rmSync(fileOf(state, run), { force: true })
}

/** The runs whose process is alive, the youngest first. */
export function announced(state: string): AnnouncedRun[] {
  const folder = join(state, 'runs')
  const runs: AnnouncedRun[] = []
  for (const name of list(folder)) {
    const run = read(join(folder, name))
    if (run && isAlive(run.pid)) runs.push(run)
    else rmSync(join(folder, name), { force: true })
  }
  return runs.sort((one, other) => other.began - one.began)
}

function fileOf(state: string, { pid }: Pick<AnnouncedRun, 'pid'>): string {
  return join(state, 'runs', `${pid}.json`)
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function read(file: string): AnnouncedRun | undefined {
  try {
    const parsed = safeParse(Run, JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.output : undefined
  } catch {
    // Gone meanwhile, or not the lab's own writing: then there is nothing in it to lose.
    return undefined
  }
}
