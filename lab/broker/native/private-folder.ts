import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isAlive } from '../../processes.ts'
import { killGroup } from '../keeper/guards.ts'
import type { BootOptions } from '../kept-broker.ts'
import { ENABLED_PLUGINS, ERLANG_FLAGS } from '../rabbitmq/definitions.ts'

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
 * Where a private broker's files will be, and the record of that among the state files: a line with the keeper's
 * process, and a line with the path.
 */
export interface PrivateFolder {
  path: string
  record: string
}

/** In the system's temporary folder, whose path has no spaces, which RabbitMQ's scripts do not bear. */
export function choosePrivateFolder(owner: BootOptions['owner']): PrivateFolder {
  const path = join(tmpdir(), `cluster-up-broker-${randomBytes(6).toString('hex')}`)
  return { path, record: join(owner.folder, owner.id + RECORD) }
}

/** All files of a private broker: configuration, data, Erlang cookie. Mode 0700. */
export function makePrivateFolder(folder: PrivateFolder, ports: Ports, definitions: string): void {
  makeRecordedFolder(folder)
  mkdirSync(join(folder.path, 'home'))
  writeNodeFiles(folder.path, ports, definitions)
}

export function makeRecordedFolder({ path, record }: PrivateFolder): void {
  writeFileSync(record, `${process.pid}\n${path}\n`)
  mkdirSync(path, { mode: 0o700 })
}

export function writeNodeFiles(path: string, ports: Ports, definitions: string): void {
  writeFileSync(join(path, 'definitions.json'), definitions, { mode: 0o600 })
  writeFileSync(join(path, 'enabled_plugins'), ENABLED_PLUGINS)
  writeFileSync(
    join(path, 'rabbitmq.conf'),
    `log.console = true
log.console.level = info
log.file = false
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
load_definitions = ${path}/definitions.json
`,
  )
}

export function removePrivateFolder({ path, record }: PrivateFolder): void {
  // The broker was killed, but its last write may come while the folder is being removed.
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  rmSync(record, { force: true })
}

/** What an Erlang node is called. */
export function nodeName({ amqp }: Ports): string {
  return `lab${amqp}@localhost`
}

/** The environment of the server and of rabbitmqctl: nothing of the lab's own but PATH. */
export function privateEnvironment(folder: string, ports: Ports): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: join(folder, 'home'),
    LANG: 'C.UTF-8',
    // Else whatever Erlang process came late would start an epmd of its own, which outlives everything.
    ERL_FLAGS: '-start_epmd false',
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_NODENAME: nodeName(ports),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} ${ERLANG_FLAGS}`,
    // The script then becomes the server instead of waiting for it: one process less to kill.
    RUNNING_UNDER_SYSTEMD: 'true',
  }
}

/** Removes what dead keepers of this checkout have left: the last net, should leash and keeper die at once. */
export async function sweepPrivateFolders(stateFolder: string): Promise<void> {
  for (const name of readdirSync(stateFolder).filter((each) => each.endsWith(RECORD))) {
    const record = join(stateFolder, name)
    // Its leash may be removing it at this moment.
    const [pid, path] = existsSync(record) ? readFileSync(record, 'utf8').split('\n') : []
    if (!path || isAlive(Number(pid))) continue
    for (const group of await groupsMentioning(path)) killGroup(group)
    removePrivateFolder({ path, record })
  }
}

/** Process groups with a command line that names the folder, which no other broker's does. */
async function groupsMentioning(folder: string): Promise<Set<number>> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,args='], { maxBuffer: 1 << 26 })
  const lines = stdout.split('\n').filter((line) => line.includes(folder))
  return new Set(lines.map((line) => Number.parseInt(line, 10)).filter((group) => group > 1))
}
