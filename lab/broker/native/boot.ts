import { execFile } from 'node:child_process'
import { LabError } from '../../errors.ts'
import { LogTail } from '../keeper/log-tail.ts'
import type { BootOptions, KeptBroker } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { prepareBirth } from '../rabbitmq/definitions.ts'
import { type RabbitNode, whenReady } from '../rabbitmq/rabbitmq.ts'
import { findInstalled, type Installed, whyNot } from './install.ts'
import { runOnLeash } from './leash.ts'
import { freePorts } from './ports.ts'
import {
  choosePrivateFolder,
  makePrivateFolder,
  type Ports,
  privateEnvironment,
  sweepPrivateFolders,
} from './private-folder.ts'

/** A restart takes seconds; a broker that hangs must not hang its keeper. */
const CTL_LIMIT_MS = 60_000

/**
 * Run as `sh -c … NAME FOLDER EPMD EPMD_PORT …` with the word to begin on its standard input: without it, there is no
 * leash, and it ends. The folder is among its arguments so that the sweep can find it.
 */
export const BEGIN = `
read -r go || exit 1
"$2" -port "$3" -address 127.0.0.1 </dev/null &
tries=0
until "$2" -port "$3" -names >/dev/null 2>&1 || [ $((tries += 1)) -gt 250 ]; do sleep 0.02; done`

const SERVE = `${BEGIN}
exec "$4" </dev/null`

/** How often other ports are tried when somebody takes one between choosing and listening. */
export const PORT_CHOICES = 3

/** Boots a private RabbitMQ; see Kind.boot. */
export async function bootNative(options: BootOptions): Promise<KeptBroker> {
  const installed = findInstalled()
  const problem = whyNot(installed)
  if (problem || installed === undefined) throw problem ?? messages.nativeMissing()
  void sweepPrivateFolders(options.owner.folder).catch((error: unknown) => options.log(`sweep: ${error}`))
  for (let choice = 1; ; choice++) {
    const [amqp = 0, management = 0, distribution = 0, epmd = 0] = await freePorts(4)
    try {
      return await bootAt(installed, { amqp, management, distribution, epmd }, options)
    } catch (error) {
      if (choice === PORT_CHOICES || !(error instanceof LabError && error.code === 'port-taken')) throw error
    }
  }
}

async function bootAt(installed: Installed, ports: Ports, options: BootOptions): Promise<KeptBroker> {
  options.report('booting', `RabbitMQ ${installed.version ?? ''} is booting on this machine`.replace('  ', ' '))
  const birth = prepareBirth()
  const folder = choosePrivateFolder(options.owner)
  const log = new LogTail(options.log)
  const env = privateEnvironment(folder.path, ports)
  const { server, leash } = await runOnLeash(folder, {
    prepare: () => makePrivateFolder(folder, ports, birth.definitions),
    command: [
      'sh',
      '-c',
      SERVE,
      'cluster-up',
      folder.path,
      installed.epmd ?? 'epmd',
      String(ports.epmd),
      installed.server,
    ],
    env,
    onLine: log.add,
  })
  let ready = false
  let stopping = false
  const node: RabbitNode = {
    host: '127.0.0.1',
    port: ports.amqp,
    managementPort: ports.management,
    died: server.closed.then((how) => {
      if (stopping) return new Promise<never>(() => {})
      if (ready) return messages.died(how, log.lines)
      const taken = log.lines.some((line) => /eaddrinuse|address already in use/i.test(line))
      return taken ? messages.portTaken(ports.amqp, log.lines) : messages.diedBooting(how, log.lines)
    }),
    evaluate: (expression) => runCtl(installed.ctl, ['eval', expression], env),
    ctl: (args) => runCtl(installed.ctl, args, env),
    async stop() {
      stopping = true
      await leash.end()
    },
  }
  const broker = await whenReady('native', node, birth, options)
  ready = true
  return broker
}

function runCtl(ctl: string, args: string[], env: NodeJS.ProcessEnv): Promise<{ output: string; exitCode: number }> {
  return new Promise((resolve) => {
    execFile(ctl, args, { env, cwd: '/', timeout: CTL_LIMIT_MS }, (error, stdout, stderr) => {
      const exitCode = error ? (typeof error.code === 'number' ? error.code : 1) : 0
      resolve({ output: stdout + stderr || String(error ?? ''), exitCode })
    })
  })
}
