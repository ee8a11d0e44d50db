import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine } from '../../lab/broker/docker/engine.ts'
import { homeLabel } from '../../lab/broker/docker/labels.ts'
import { brokersFolder } from '../../lab/broker/home.ts'
import { type AnyKind, KINDS, type KindName, loadKind } from '../../lab/broker/kinds/kind.ts'
import { stopWarm } from '../../lab/broker/warm.ts'
import { until } from './until.ts'

/** The kinds that can be tested here without a download, and why the others can't. */
export function kindsHere(): Promise<{ kind: KindName; missing: string | undefined }[]> {
  return whichAreHere(KINDS)
}

export async function whichAreHere<Name extends AnyKind>(
  kinds: readonly Name[],
): Promise<{ kind: Name; missing: string | undefined }[]> {
  return Promise.all(
    kinds.map(async (kind) => {
      const { usable, download, text } = await (await loadKind(kind)).probe()
      return { kind, missing: usable && !download ? undefined : text }
    }),
  )
}

/**
 * Those to be tested. Where LAB_TEST_BROKERS names some ('native', 'container=IMAGE', separated by commas), the others are
 * left out: `npm run test:all` names those that it has found.
 */
export async function underTest<Name extends AnyKind>(kinds: readonly Name[]) {
  const named = process.env['LAB_TEST_BROKERS']?.split(',').map((each) => each.trim().split('=', 1)[0] ?? '')
  const isNamed = (kind: AnyKind) =>
    kind === 'embedded' || !named?.some(Boolean) || named.includes(kind.replace(/-cluster$/, ''))
  return whichAreHere(kinds.filter(isNamed))
}

/** What each kind calls itself. */
export const PRODUCTS = { container: 'RabbitMQ', native: 'RabbitMQ', embedded: 'Cluster Up embedded broker' }

/** A state folder of a test's own. */
export function makeRoot(): string {
  return mkdtempSync(join(tmpdir(), 'lab-test-'))
}

export async function removeRoot(root: string): Promise<void> {
  await stopWarm(root)
  // Its last act is to save what it has compiled, in this folder.
  await until(
    'the keepers to be gone',
    () => keeperProcesses(root),
    (found) => found.length === 0,
  )
  rmSync(root, { recursive: true, force: true })
}

/**
 * What there is of brokers of a state folder: containers, private folders, processes. Look once before something is
 * killed, and pass it when looking again: what was there by then is looked for even where no record of it is left.
 */
export async function traces(
  root: string,
  before: Traces = { containers: [], networks: [], folders: [], groups: [] },
): Promise<Traces> {
  const state = brokersFolder(root)
  const records = readdirSync(state).filter((name) => name.endsWith('.native'))
  const folders = new Set([...before.folders, ...records.flatMap((name) => folderIn(join(state, name)))])
  const processes = runningProcesses()
  const groups = new Set(before.groups)
  for (const each of processes) {
    if ([...folders].some((folder) => folder !== '' && mentions(each, folder))) groups.add(each.group)
  }
  return {
    ...(await inDocker(state)),
    folders: [...folders].filter((folder) => existsSync(folder)),
    groups: [...groups].filter((group) => processes.some((each) => each.group === group)),
  }
}

/** The folder that a record names; a record may go while it is looked for. */
function folderIn(record: string): string[] {
  try {
    return [readFileSync(record, 'utf8').split('\n')[1] ?? '']
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export interface Traces {
  containers: string[]
  networks: string[]
  folders: string[]
  groups: number[]
}

export function isNothing({ containers, networks, folders, groups }: Traces): boolean {
  return containers.length + networks.length + folders.length + groups.length === 0
}

export function keeperProcesses(root: string) {
  return runningProcesses().filter(({ command }) => command.includes('keeper/main.ts') && command.includes(root))
}

/** Also in the environment, where the system shows it: an epmd has nothing else to be known by. */
function mentions({ pid, command }: { pid: number; command: string }, folder: string): boolean {
  if (command.includes(folder)) return true
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(folder)
  } catch {
    return false
  }
}

export function runningProcesses(): { pid: number; group: number; command: string }[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,pgid=,stat=,args='], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return lines.split('\n').flatMap((line) => {
    const [, pid, group, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    // A zombie holds nothing: it only waits for its parent to look.
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), group: Number(group), command }]
  })
}

/** The process that holds the broker on a leash: the native one's shell, or the container's process 1 as seen from outside. */
export function leashOf(kind: KindName, { folders, containers }: Traces): number {
  if (kind === 'native') {
    const leash = runningProcesses().find(
      ({ pid, group, command }) => pid === group && folders.some((folder) => command.includes(`leash.sh ${folder}`)),
    )
    return leash?.pid ?? 0
  }
  return Number(execFileSync('docker', ['inspect', '-f', '{{.State.Pid}}', containers[0] ?? ''], { encoding: 'utf8' }))
}

async function inDocker(state: string): Promise<Pick<Traces, 'containers' | 'networks'>> {
  try {
    const [engine, home] = [new Engine(), homeLabel(state)]
    const [containers, networks] = await Promise.all([engine.containers(home), engine.networks(home)])
    return { containers: containers.map(({ id }) => id), networks: networks.map(({ id }) => id) }
  } catch {
    // Without Docker there are none.
    return { containers: [], networks: [] }
  }
}
