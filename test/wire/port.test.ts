import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { HOST, LOOPBACK } from '../../lab/wire/port.ts'

const SLICE = 64

function draw(count: number) {
  return Promise.all(Array.from({ length: count }, () => LOOPBACK.listen((peer) => peer.destroy())))
}

test('nobody else can take a slice that a thread draws from, even while its ports are closed', async () => {
  const [drawn] = await draw(1)
  const port = drawn?.port ?? 0
  drawn?.server.close()
  await LOOPBACK.untilRefused(port)
  const first = port - ((port - 20_000) % SLICE)
  // Whoever takes a slice listens on its first port.
  await expect(once(createServer().listen(first, HOST), 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const others = await draw(2 * SLICE)
  expect(others.map((each) => each.port)).not.toContain(port)
  LOOPBACK.giveBack(port)
  for (const { server, port } of others) {
    server.close()
    LOOPBACK.giveBack(port)
  }
})

test('a slice that is full gives way to another, and no port is drawn twice', async () => {
  const drawn = await draw(3 * SLICE)
  const ports = new Set(drawn.map(({ port }) => port))
  expect(ports.size).toBe(3 * SLICE)
  expect(Math.min(...ports)).toBeGreaterThan(20_000)
  expect(Math.max(...ports)).toBeLessThan(32_768)
  for (const { server, port } of drawn) {
    server.close()
    LOOPBACK.giveBack(port)
  }
})
