import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../../lab/embedded/embedded.ts'
import { random } from '../../lab/random.ts'
import { RawClient, startBroker } from './client.ts'
import { handshake, mutated, scenario } from './fuzz.ts'

/**
 * Clients that do anything: legal methods in any order, and frames with bytes that are changed, missing or doubled.
 * LAB_FUZZ_SECONDS says for how long (3 without it), LAB_FUZZ_SEED where to begin: a round that failed is repeated by
 * its seed alone.
 */
const SECONDS = Number(process.env['LAB_FUZZ_SECONDS'] ?? 3)
const FIRST_SEED = Number(process.env['LAB_FUZZ_SEED'] ?? 1)
const ROUNDS_BEFORE_MEASURING = 100
const MOST_GROWTH_BYTES = 48 * 1024 ** 2
const VHOST = 'other'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
// Other tests in this process start others, and hand over code that was compiled under these flags.
setFlagsFromString('--no-expose-gc')

let broker: EmbeddedBroker
const warnings: Error[] = []
const onWarning = (warning: Error) => void warnings.push(warning)
beforeAll(async () => {
  process.on('warning', onWarning)
  broker = await startBroker()
})
afterAll(async () => {
  process.off('warning', onWarning)
  await broker.stop()
})

test(`whatever clients send for ${SECONDS} s, the broker neither fails nor hangs nor grows`, async () => {
  await using witness = await RawClient.open(broker)
  await witness.call('queue.declare', { queue: 'witness' })
  const end = performance.now() + SECONDS * 1_000
  let before: number | undefined
  let rounds = 0
  for (let seed = FIRST_SEED; performance.now() < end; seed++) {
    broker.addVhost(VHOST)
    await round(seed)
    witness.publish('witness', String(seed))
    expect(await witness.get('witness'), `after seed ${seed}`).toEqual({ body: String(seed), redelivered: false })
    witness.frames.length = 0
    broker.removeVhost(VHOST)
    await expect.poll(() => broker.connections(VHOST), { interval: 1 }).toEqual([])
    expect(
      warnings.map(({ stack }) => stack),
      `by seed ${seed}`,
    ).toEqual([])
    if (++rounds === ROUNDS_BEFORE_MEASURING) before = used()
  }
  expect(rounds).toBeGreaterThan(0)
  if (before !== undefined) expect(used() - before).toBeLessThan(MOST_GROWTH_BYTES)
  console.info(`fuzz: ${rounds} rounds from seed ${FIRST_SEED}`)
})

/** Two clients in a virtual host of their own, the second of which may send frames that are none. */
async function round(seed: number): Promise<void> {
  const pick = random(seed)
  await using legal = await RawClient.open(broker, { vhost: VHOST })
  await using wild = await RawClient.open(broker, { vhost: VHOST })
  await using stranger = await RawClient.dial(broker)
  for (const chunk of handshake(pick)) stranger.socket.write(chunk)
  for (const client of [legal, wild]) client.reopens = true
  const sendsFrames = pick(4) === 0
  for (const [n, chunk] of scenario(pick, 60).entries()) {
    legal.socket.write(chunk)
    // Answers come in between, and with them channels that failed are opened again.
    if (n % 6 === 0) await new Promise(setImmediate)
  }
  for (const chunk of scenario(pick, 40)) wild.socket.write(sendsFrames ? chunk : mutated(pick, chunk))
  // What comes back is not judged; that something does, or the socket closes, shows that it was read.
  legal.send(0, 'connection.close', { replyCode: 200 })
  wild.send(0, 'connection.close', { replyCode: 200 })
  await Promise.race([legal.next('connection.close-ok').catch(() => {}), legal.end()])
}

function used(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
