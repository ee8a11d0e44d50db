import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { killGroup } from '../keeper/guards.ts'
import { type PrivateFolder, removePrivateFolder } from './private-folder.ts'

const LEASH = resolve(import.meta.dirname, 'leash.sh')

/** A server in a process group of its own, and the process that kills the group when this one dies. */
export interface Leashed {
  server: {
    /** Resolves when it has ended and its output is read, saying how; everything of it is then gone. */
    closed: Promise<string>
    /** Says a line to it; only where its input stays open. */
    tell(line: string): void
  }
  leash: {
    /** Kills the group and removes the folder. */
    end(): Promise<void>
  }
}

/**
 * Runs a command on a leash. There is no moment in which the death of this process would leave something: the leash
 * is there before the folder is, and the command waits for a word that it gets when the leash knows its group.
 *
 * @param options.prepare fills the folder
 * @param options.hears the command goes on reading its standard input after the word 'go'
 */
export async function runOnLeash(
  folder: PrivateFolder,
  options: {
    prepare: () => void
    command: string[]
    env: NodeJS.ProcessEnv
    onLine: (line: string) => void
    hears?: boolean
  },
): Promise<Leashed> {
  const leash = spawn('sh', [LEASH, folder.path, folder.record], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  leash.stdin.on('error', () => {})
  const leashEnded = once(leash, 'exit').then(() => {})
  const says = createInterface({ input: leash.stdout })
  await hears(says, 'ready', leashEnded)
  try {
    options.prepare()
  } catch (error) {
    leash.stdin.destroy()
    await leashEnded
    throw error
  }

  const [file = '', ...args] = options.command
  const server = spawn(file, args, { detached: true, cwd: '/', env: options.env, stdio: ['pipe', 'pipe', 'pipe'] })
  server.stdin.on('error', () => {})
  for (const output of [server.stdout, server.stderr]) createInterface({ input: output }).on('line', options.onLine)
  const exited = once(server, 'exit').then(() => {})
  const closed = closedOf(server)
  const held = hears(says, 'held', leashEnded)
  leash.stdin.write(`${server.pid}\n`)
  await held
  server.stdin.write('go\n')
  if (!options.hears) server.stdin.end()

  // Whoever of the two ends first, the other goes as well; and then nothing is there, whatever the leash has managed.
  const first = Promise.race([exited.then(() => 'server'), leashEnded.then(() => 'leash')])
  const cleared = first.then(async () => {
    leash.stdin.destroy()
    await leashEnded
    if (server.pid !== undefined) killGroup(server.pid)
    await exited
    removePrivateFolder(folder)
  })
  const how = async () => ((await first) === 'leash' ? 'its leash was killed' : closed)
  return {
    server: {
      closed: Promise.all([how(), closed, cleared]).then(([reason]) => reason),
      tell: (line) => void server.stdin.write(`${line}\n`),
    },
    leash: {
      async end() {
        leash.stdin.destroy()
        await cleared
      },
    },
  }
}

async function closedOf(child: ChildProcess): Promise<string> {
  const [code, signal] = await once(child, 'close')
  return signal ? `signal ${signal}` : `exit code ${code}`
}

/** Resolves when the leash says a word, and also when it ends, which everything after it notices. */
async function hears(says: Interface, word: string, ended: Promise<void>): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    says.on('line', (line) => line === word && resolve())
  })
  await Promise.race([heard, ended])
}
