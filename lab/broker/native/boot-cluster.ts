import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../../errors.ts'
import { LogTail } from '../keeper/log-tail.ts'
import type { BootOptions, KeptBroker } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { bootCluster } from '../rabbitmq/cluster.ts'
import { prepareBirth, secret } from '../rabbitmq/definitions.ts'
import { clusterConfig, newsOf, SUPERVISE } from '../rabbitmq/supervisor.ts'
import { BEGIN, PORT_CHOICES } from './boot.ts'
import { findInstalled, type Installed, whyNot } from './install.ts'
import { runOnLeash } from './leash.ts'
import { freePorts } from './ports.ts'
import {
  choosePrivateFolder,
  makeRecordedFolder,
  nodeName,
  type Ports,
  privateEnvironment,
  sweepPrivateFolders,
  writeNodeFiles,
} from './private-folder.ts'

const NAMES = ['n1', 'n2', 'n3']

/** Run as `sh -c SERVE NAME FOLDER EPMD EPMD_PORT`; the nodes' own folders are in the folder. */
const SERVE = `${BEGIN}
exec 3<&0
folder=$1
start_node() { sh "$folder/$1/start"; }
pid_file() { echo "$folder/$1/pid"; }
${SUPERVISE}`

/** Boots three private nodes with one epmd and one cookie; see Kind.boot. */
export async function bootNativeCluster(options: BootOptions): Promise<KeptBroker> {
  const installed = findInstalled()
  const problem = whyNot(installed)
  if (problem || installed === undefined) throw problem ?? messages.nativeMissing()
  void sweepPrivateFolders(options.owner.folder).catch((error: unknown) => options.log(`sweep: ${error}`))
  for (let choice = 1; ; choice++) {
    const [epmd = 0, ...free] = await freePorts(1 + 3 * NAMES.length)
    const portsOf = (i: number): Ports => {
      const [amqp = 0, management = 0, distribution = 0] = free.slice(3 * i)
      return { amqp, management, distribution, epmd }
    }
    try {
      return await bootAt(
        installed,
        NAMES.map((name, i) => ({ name, ports: portsOf(i) })),
        options,
      )
    } catch (error) {
      if (
        choice === PORT_CHOICES ||
        !(error instanceof LabError && /eaddrinuse|address already in use/i.test(error.message))
      )
        throw error
    }
  }
}

async function bootAt(
  installed: Installed,
  nodes: { name: string; ports: Ports }[],
  options: BootOptions,
): Promise<KeptBroker> {
  options.report('preparing', 'starting three nodes on this machine')
  const birth = prepareBirth(0)
  const folder = choosePrivateFolder(options.owner)
  const log = new LogTail(options.log)
  const listeners: ((line: string) => void)[] = [log.add]
  const config = clusterConfig(nodes.map(({ ports }) => nodeName(ports)))
  const { epmd } = nodes[0]?.ports ?? { epmd: 0 }
  const { server, leash } = await runOnLeash(folder, {
    prepare: () => {
      makeRecordedFolder(folder)
      // All three share the home, and the cookie in it.
      const home = join(folder.path, 'home')
      mkdirSync(home)
      writeFileSync(join(home, '.erlang.cookie'), secret(), { mode: 0o400 })
      for (const { name, ports } of nodes) {
        const path = join(folder.path, name)
        mkdirSync(path)
        writeNodeFiles(path, ports, birth.definitions)
        writeFileSync(join(path, 'advanced.config'), config)
        const env = {
          ...privateEnvironment(path, ports),
          HOME: home,
          RABBITMQ_ADVANCED_CONFIG_FILE: join(path, 'advanced.config'),
        }
        writeFileSync(join(path, 'start'), startScript(env, installed.server))
        chmodSync(join(path, 'start'), 0o700)
      }
    },
    command: ['sh', '-c', SERVE, 'cluster-up', folder.path, installed.epmd ?? 'epmd', String(epmd)],
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', ERL_EPMD_PORT: String(epmd) },
    onLine: (line) => listeners.forEach((listen) => void listen(line)),
    hears: true,
  })
  return bootCluster(
    'native-cluster',
    {
      nodes: nodes.map(({ name, ports }) => ({
        name,
        host: '127.0.0.1',
        port: ports.amqp,
        managementPort: ports.management,
      })),
      tell: (node, word) => server.tell(`${word} ${node}`),
      hear: (listener) =>
        listeners.push((line) => {
          const news = newsOf(line)
          if (news) listener(news)
        }),
      died: server.closed,
      log: log.lines,
      stop: () => leash.end(),
    },
    birth,
    options,
  )
}

function startScript(env: NodeJS.ProcessEnv, server: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const exports = Object.entries(env).map(([name, value = '']) => `export ${name}=${quoted(value)}`)
  return `${exports.join('\n')}\nexec ${quoted(server)}\n`
}
