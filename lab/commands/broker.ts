import { parseArgs } from 'node:util'
import { startEmbedded } from '../embedded/embedded.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'

const USUAL_PORT = 5672
const USAGE = 'Usage: npm run broker [-- --port N]'

/** `npm run broker`: the lab's own broker to play with, until Ctrl-C. Prints its URL, alone on the first line. */
export async function broker(args: string[], io: Io): Promise<number> {
  const port = parsePort(args)
  const options = { host: 'localhost', vhosts: ['/'], users: [{ name: 'guest', password: 'guest', vhosts: ['/'] }] }
  await using running = await startEmbedded({ ...options, port: port ?? USUAL_PORT }).catch((error: unknown) => {
    // Somebody's own RabbitMQ has the usual port: any other will do, unless one was asked for.
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error
    if (port !== undefined) throw new LabError('port-taken', `Port ${port} is taken.`, { advice: USAGE })
    return startEmbedded(options)
  })
  io.stdout.write(`amqp://guest:guest@localhost:${running.port}\n`)
  io.stdout.write(`${running.product} ${running.version}: not RabbitMQ, and nothing is kept. Ctrl-C ends it.\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  return 0
}

function parsePort(args: string[]): number | undefined {
  let given: string | undefined
  try {
    given = parseArgs({ args, options: { port: { type: 'string' } } }).values.port
  } catch (error) {
    throw new LabError('usage', (error as Error).message, { advice: USAGE })
  }
  if (given === undefined) return undefined
  const port = Number(given)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new LabError('usage', `'${given}' is no port.`, { advice: USAGE })
  return port
}
