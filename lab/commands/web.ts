import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { KindName } from '../broker/kinds/kind.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { ROOT } from '../root.ts'
import { howToRun } from '../service/runnable.ts'
import { command } from './command.ts'
import { BROKER, count, path, usageError } from './options.ts'
import { WebTools } from './web-tools.ts'

/** `npm run web`: the lab in a browser, until Ctrl-C. */
export const web = command({
  usage: 'npm run web -- [--static DIR]',
  notes:
    'It listens on this machine only, and prints the address to open. Write in your own editor: each save is checked.',
  options: {
    port: count('the port to listen on; by default any free port', { most: 65_535 }),
    static: path('DIR', 'write all lessons as a site, each with its classic mistake, step by step, then exit'),
    broker: BROKER,
  },
  async run({ values: { port, static: folder, broker } }, io) {
    if (folder === undefined) return serveLab(port ?? 0, broker, io)
    if (port !== undefined)
      throw usageError("--static writes files and listens on no port, so it can't be combined with --port.")
    const { writeSite } = await import('./web-site.ts')
    return writeSite(resolve(io.env.INIT_CWD ?? process.cwd(), folder), broker ?? 'auto', io)
  },
})

async function serveLab(port: number, broker: 'auto' | KindName | undefined, io: Io): Promise<number> {
  const [{ WebApp }, { serve }] = await Promise.all([import('../web/app.ts'), import('@hono/node-server')])
  const token = randomBytes(24).toString('base64url')
  await using tools = await WebTools.open(io.env, broker)
  let listening = 0
  await using app = new WebApp({
    root: ROOT,
    token,
    port: () => listening,
    judging: {
      check: (lesson, checking) => tools.check(lesson, checking),
      confirm: (lesson, checking) => tools.confirm(lesson, checking),
      whenAuthoritative: () => tools.whenAuthoritative(),
    },
    broker: () => tools.status,
    seen: (lesson, withholds) => tools.page(lesson, withholds),
    compare: (lesson, signal) => tools.compare(lesson, signal),
    runner: { canRun: (lesson) => howToRun(lesson) !== undefined, open: (lesson, tell) => tools.run(lesson, tell) },
  })
  const { fetch } = await app.routes()
  const server = serve({ fetch, port, hostname: '127.0.0.1' }) as Server
  listening = await portOf(server)
  io.stdout.write(`The lab is at http://127.0.0.1:${listening}/?token=${token}\nCtrl-C ends it.\n`)
  await asked()
  server.closeAllConnections()
  await new Promise<void>((closed) => server.close(() => closed()))
  return 0
}

function portOf(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('listening', () => resolve((server.address() as AddressInfo).port))
  server.once('error', (error) => {
    reject(
      new LabError('no-port', `The lab can't listen: ${error.message}.`, { advice: 'Leave out --port.', cause: error }),
    )
  })
  return promise
}

/** Resolves when somebody wants it to end. */
async function asked(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  await promise
}
