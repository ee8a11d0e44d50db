// A slow worker and a fast one share a queue. Run it with: npx node lessons/07-fair-dispatch/side-by-side.ts 1 5 200
import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { startEmbedded } from '../../lab/embedded/embedded.ts'

const PHOTOS = 200
const QUEUE = 'photos'
/** This is waiting time, so a worker can download many photos at once. */
const DOWNLOAD_MS = 20
/** This is computing time, so a worker shrinks one photo at a time. */
const SHRINK_MS = { slow: 20, fast: 4 }

type Consume = (channel: Channel, queue: string, handle: () => Promise<void>, prefetch: number) => Promise<string>

export interface Share {
  name: 'slow' | 'fast'
  done: number
  /** The most photos that it held at once. */
  most: number
}

export interface Outcome {
  ms: number
  shares: Share[]
}

/** Lets two workers make thumbnails of all photos. The slow one starts first. */
export async function sideBySide(consume: Consume, prefetch: number): Promise<Outcome> {
  const login = { name: 'guest', password: 'guest', vhosts: ['/'] }
  await using broker = await startEmbedded({ vhosts: ['/'], users: [login] })
  const open = () => connect(`amqp://guest:guest@127.0.0.1:${broker.port}`, { noDelay: true })
  const connections: ChannelModel[] = []
  try {
    const shop = await open()
    connections.push(shop)
    const channel = await shop.createConfirmChannel()
    await channel.assertQueue(QUEUE, { durable: true })
    for (let nth = 1; nth <= PHOTOS; nth++) channel.sendToQueue(QUEUE, Buffer.from(`photo ${nth}`))
    await channel.waitForConfirms()

    const all = Promise.withResolvers<void>()
    const shares: Share[] = []
    const began = performance.now()
    for (const name of ['slow', 'fast'] as const) {
      const share: Share = { name, done: 0, most: 0 }
      shares.push(share)
      const work = worker(share, () => {
        if (shares.reduce((sum, { done }) => sum + done, 0) === PHOTOS) all.resolve()
      })
      const connection = await open()
      connections.push(connection)
      await consume(await connection.createChannel(), QUEUE, work, prefetch)
    }
    await all.promise
    return { ms: performance.now() - began, shares }
  } finally {
    for (const connection of connections) await connection.close()
  }
}

/** A worker's handler: downloads photos concurrently, and shrinks them one at a time. */
function worker(share: Share, finished: () => void): () => Promise<void> {
  let inHand = 0
  let shrinking = Promise.resolve()
  return async () => {
    share.most = Math.max(share.most, ++inHand)
    await sleep(DOWNLOAD_MS)
    shrinking = shrinking.then(() => sleep(SHRINK_MS[share.name]))
    await shrinking
    inHand--
    share.done++
    finished()
  }
}

if (import.meta.main) {
  const limits = process.argv.slice(2).map(Number)
  const yours = new URL('exercise.ts', import.meta.url).href
  const { consumeFairly } = (await import(yours)) as { consumeFairly: Consume }
  for (const prefetch of limits.length > 0 ? limits : [1]) {
    const { ms, shares } = await sideBySide(consumeFairly, prefetch)
    console.log(
      `prefetch ${prefetch}: ${(PHOTOS / (ms / 1000)).toFixed(0)} photos a second, ${(ms / 1000).toFixed(1)} s in all`,
    )
    for (const { name, done, most } of shares) {
      const bar = '▪'.repeat(Math.round((done / PHOTOS) * 40)).padEnd(40)
      console.log(`  ${name}  ${bar} ${String(done).padStart(3)} done, held at most ${most}`)
    }
  }
}
