import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { killGroup } from '../keeper/guards.ts'
import { liveKeepers } from '../keeper/live-keepers.ts'
import type { BootOptions } from '../kinds/kind.ts'
import { ENABLED_PLUGINS } from '../rabbitmq/definitions.ts'

const RECORD = '.native'

/** Ports of a private broker, all on 127.0.0.1. */
export interface Ports {
  amqp: number
  management: number
  /** Erlang's distribution, by which rabbitmqctl comes. */
  distribution: number
  epmd: number
}

/**
 * All files of a private broker: configuration, data, Erlang cookie. Mode 0700, in the system's temporary folder,
 * whose path has no spaces, which RabbitMQ's scripts do not bear.
 *
 * `KEEPER.native` among the state files names it (a line with its path) until it is removed, for the sweep.
 */
export function makePrivateFolder(owner: BootOptions['owner'], ports: Ports, definitions: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-up-'))
  writeFileSync(join(owner.folder, owner.id + RECORD), `${folder}\n`)
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'definitions.json'), definitions, { mode: 0o600 })
  writeFileSync(join(folder, 'enabled_plugins'), ENABLED_PLUGINS)
  writeFileSync(
    join(folder, 'rabbitmq.conf'),
    `log.console = true
log.console.level = info
log.file = false
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
load_definitions = ${folder}/definitions.json
`,
  )
  return folder
}

export function removePrivateFolder(owner: BootOptions['owner'], folder: string): void {
  // The broker was killed, but its last write may come while the folder is being removed.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  rmSync(join(owner.folder, owner.id + RECORD), { force: true })
}

/** The environment of the server and of rabbitmqctl: nothing of the lab's own but PATH. */
export function privateEnvironment(folder: string, ports: Ports): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: join(folder, 'home'),
    LANG: 'C.UTF-8',
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_NODENAME: `lab${ports.amqp}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    // The script then becomes the server instead of waiting for it: one process less to kill.
    RUNNING_UNDER_SYSTEMD: 'true',
  }
}

/** Removes what dead keepers of this checkout have left: the last net, should leash and keeper die at once. */
export async function sweepPrivateFolders(stateFolder: string): Promise<void> {
  const records = readdirSync(stateFolder).filter((name) => name.endsWith(RECORD))
  const living = liveKeepers(stateFolder)
  for (const record of records) {
    const id = record.slice(0, -RECORD.length)
    if (living.has(id)) continue
    const folder = readFileSync(join(stateFolder, record), 'utf8').trim()
    if (folder === '') continue
    for (const group of await groupsMentioning(folder)) killGroup(group)
    removePrivateFolder({ folder: stateFolder, key: '', id }, folder)
  }
}

/** Process groups with a command line that names the folder, which no other broker's does. */
async function groupsMentioning(folder: string): Promise<Set<number>> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,args='], { maxBuffer: 1 << 26 })
  const lines = stdout.split('\n').filter((line) => line.includes(folder))
  return new Set(lines.map((line) => Number.parseInt(line, 10)).filter((group) => group > 1))
}
