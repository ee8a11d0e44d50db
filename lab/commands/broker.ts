import { startEmbedded } from '../embedded/embedded.ts'
import { LabError } from '../errors.ts'
import { command } from './command.ts'
import { count } from './options.ts'

const USUAL_PORT = 5672

/** `npm run broker`: the lab's own broker to play with, until Ctrl-C. Prints its URL, alone on the first line. */
export const broker = command({
  usage: 'npm run broker --',
  options: {
    port: count(`the port to listen on; by default ${USUAL_PORT}, or any free port if it is taken`, { most: 65_535 }),
  },
  async run({ values: { port } }, io) {
    const options = { host: 'localhost', vhosts: ['/'], users: [{ name: 'guest', password: 'guest', vhosts: ['/'] }] }
    await using running = await startEmbedded({ ...options, port: port ?? USUAL_PORT }).catch((error: unknown) => {
      // Somebody's own RabbitMQ has the usual port: any other will do, unless one was asked for.
      if ((error as { code?: string }).code !== 'EADDRINUSE') throw error
      if (port !== undefined)
        throw new LabError('port-taken', `Port ${port} is taken.`, {
          advice: 'Give another port after --port, or leave --port out: the lab then uses any free port.',
        })
      return startEmbedded(options)
    })
    io.stdout.write(`amqp://guest:guest@localhost:${running.port}\n`)
    io.stdout.write(
      `${running.product} ${running.version}: not RabbitMQ, and it keeps nothing when it ends. Ctrl-C ends it.\n`,
    )
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
    return 0
  },
})
