import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { LabError } from '../../errors.ts'
import { killGroup } from '../keeper/guards.ts'
import { LogTail } from '../keeper/log-tail.ts'
import { messages } from '../messages.ts'
import { findInstalled, type Installed } from '../native/install.ts'
import { freePorts } from '../native/ports.ts'
import {
  makePrivateFolder,
  type Ports,
  privateEnvironment,
  removePrivateFolder,
  sweepPrivateFolders,
} from '../native/private-folder.ts'
import { type Birth, prepareBirth } from '../rabbitmq/definitions.ts'
import { type RabbitNode, whenReady } from '../rabbitmq/rabbitmq.ts'
import type { BootOptions, KeptBroker, Kind, Probe } from './kind.ts'

const LEASH = resolve(import.meta.dirname, '../native/leash.sh')

/** How often other ports are tried when somebody takes one between choosing and listening. */
const PORT_CHOICES = 3

/** A private RabbitMQ from this machine's own installation; one that runs as a service is not touched. */
export const kind: Kind = {
  variant: () => undefined,

  async probe(): Promise<Probe> {
    const problem = whyNot(findInstalled())
    if (problem) return { usable: false, text: problem.message, advice: problem.advice }
    return { usable: true, text: `RabbitMQ ${findInstalled()?.version ?? ''} is installed`.replace('  ', ' ') }
  },

  async boot(options: BootOptions): Promise<KeptBroker> {
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
  },
}

function whyNot(installed: Installed | undefined): LabError | undefined {
  if (process.platform === 'win32') return messages.nativeOnWindows()
  if (installed === undefined) return messages.nativeMissing()
  return installed.epmd === undefined ? messages.epmdMissing() : undefined
}

async function bootAt(installed: Installed, ports: Ports, options: BootOptions): Promise<KeptBroker> {
  options.report('booting', `RabbitMQ ${installed.version ?? ''} is booting on this machine`.replace('  ', ' '))
  const birth = prepareBirth()
  const state = { ready: false }
  const node = runOnLeash(installed, ports, birth, state, options)
  const broker = await whenReady('native', node, birth, options)
  state.ready = true
  return broker
}

function runOnLeash(
  installed: Installed,
  ports: Ports,
  birth: Birth,
  state: { ready: boolean },
  { owner, log: pass }: BootOptions,
): RabbitNode {
  const folder = makePrivateFolder(owner, ports, birth.definitions)
  const env = privateEnvironment(folder, ports)
  const log = new LogTail(pass)
  const leash = spawn('sh', [LEASH, folder, installed.epmd ?? 'epmd', String(ports.epmd), installed.server], {
    detached: true,
    cwd: '/',
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  leash.stdin.on('error', () => {})
  for (const output of [leash.stdout, leash.stderr]) createInterface({ input: output }).on('line', log.add)
  // 'close' comes when the output has ended, too: when all who held it are gone, and the last words are read.
  const exited = once(leash, 'exit')
  const closed = once(leash, 'close')
  let stopping = false
  const cleared = exited.then(
    () => clearAway(leash.pid, () => removePrivateFolder(owner, folder)),
    () => removePrivateFolder(owner, folder),
  )
  return {
    host: '127.0.0.1',
    port: ports.amqp,
    managementPort: ports.management,
    died: Promise.allSettled([closed, cleared]).then(() => {
      if (stopping) return new Promise<never>(() => {})
      const how = /^leash: the server ended with (.*)$/.exec(log.lines.at(-1) ?? '')?.[1] ?? 'its leash was killed'
      const lines = log.lines.filter((line) => !line.startsWith('leash: '))
      if (state.ready) return messages.died(how, lines)
      const taken = lines.some((line) => /eaddrinuse|address already in use/i.test(line))
      return taken ? messages.portTaken(ports.amqp, lines) : messages.diedBooting(how, lines)
    }),
    ctl: (args) =>
      new Promise((done) => {
        execFile(installed.ctl, args, { env, cwd: '/', timeout: 60_000 }, (error, stdout, stderr) => {
          const exitCode = error ? (typeof error.code === 'number' ? error.code : 1) : 0
          done({ output: stdout + stderr || String(error ?? ''), exitCode })
        })
      }),
    async stop() {
      stopping = true
      leash.stdin.destroy()
      await cleared
    },
  }
}

/** The leash has ended; whatever it was in the middle of, its group goes and the folder too. */
function clearAway(group: number | undefined, removeFolder: () => void): void {
  if (group !== undefined) killGroup(group)
  removeFolder()
}
