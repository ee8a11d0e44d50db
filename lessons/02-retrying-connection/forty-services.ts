// Forty services connect to a broker that is back after a power cut. Run it with: npx node lessons/02-retrying-connection/forty-services.ts
import { once } from 'node:events'
import { createServer, type Socket, connect as toBroker } from 'node:net'
import { startEmbedded } from '../../lab/embedded/embedded.ts'

const SERVICES = 40
/** With more attempts than this in a tenth of a second, the broker is too busy to complete any of them. */
const MOST_AT_ONCE = 10
const WINDOW_MS = 100
const ROW_MS = 250

type Connect = (
  url: string,
  options: { delayMs: number; maxDelayMs: number; signal: AbortSignal },
) => Promise<{ close(): Promise<void> }>

export interface Outcome {
  attempts: number
  connected: number
  /** How many services gave up on their own. */
  gaveUp: number
  ms: number
}

/** Has forty services connect at the same moment, and reports their progress every quarter of a second. */
export async function fortyServices(
  connect: Connect,
  { limitMs = 10_000, print = (_: string) => {} } = {},
): Promise<Outcome> {
  const login = { name: 'guest', password: 'guest', vhosts: ['/'] }
  await using broker = await startEmbedded({ vhosts: ['/'], users: [login] })
  const door = await openDoor(broker.port)
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new Error('the time is up')), limitMs)
  const began = performance.now()
  const connections: { close(): Promise<void> }[] = []
  let gaveUp = 0
  let before = 0
  const row = () => {
    const attempts = door.arrivals.length - before
    before = door.arrivals.length
    const at = ((performance.now() - began) / 1000).toFixed(2)
    print(`${at.padStart(6)} s  ${'▪'.repeat(Math.min(attempts, SERVICES)).padEnd(SERVICES)} ${attempts}`)
  }
  const rows = setInterval(row, ROW_MS)
  const service = async () => {
    const options = { delayMs: 100, maxDelayMs: 3000, signal: limit.signal }
    connections.push(await connect(`amqp://guest:guest@127.0.0.1:${door.port}`, options))
  }
  const ends = Array.from({ length: SERVICES }, () =>
    service().catch(() => {
      if (!limit.signal.aborted) gaveUp++
    }),
  )
  // Before step 4, a service ignores the signal, so the time limit has to end the run here.
  await Promise.race([Promise.all(ends), once(limit.signal, 'abort')])
  const ms = performance.now() - began
  clearTimeout(timer)
  clearInterval(rows)
  row()
  const connected = connections.length
  await Promise.allSettled(connections.map((connection) => connection.close()))
  door.close()
  return { attempts: door.arrivals.length, connected, gaveUp, ms }
}

/** Sits in front of the broker: lets an attempt in if there are few others at that moment, and resets it otherwise. */
async function openDoor(port: number) {
  const arrivals: number[] = []
  const sockets = new Set<Socket>()
  const door = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    const arrived = performance.now()
    arrivals.push(arrived)
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    setTimeout(() => {
      const atOnce = arrivals.filter((other) => Math.abs(other - arrived) < WINDOW_MS).length
      if (atOnce > MOST_AT_ONCE) socket.resetAndDestroy()
      else socket.pipe(toBroker({ port, host: '127.0.0.1', noDelay: true }).on('error', () => {})).pipe(socket)
    }, WINDOW_MS)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  return {
    arrivals,
    port: (door.address() as { port: number }).port,
    close: () => {
      door.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

if (import.meta.main) {
  const yours = new URL('exercise.ts', import.meta.url).href
  const { connectWithRetry } = (await import(yours)) as { connectWithRetry: Connect }
  console.log('Connection attempts in each quarter of a second:\n')
  const { attempts, connected, gaveUp, ms } = await fortyServices(connectWithRetry, { print: console.log })
  console.log(
    `\nConnected: ${connected} of ${SERVICES} services, in ${(ms / 1000).toFixed(1)} s, with ${attempts} attempts.`,
  )
  if (gaveUp > 0) console.log(`Gave up: ${gaveUp} services.`)
  process.exit(connected === SERVICES ? 0 : 1)
}
