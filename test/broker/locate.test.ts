import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test as any, expect } from 'vitest'
import { locateEngine } from '../../lab/broker/docker/locate.ts'

/** Elsewhere there are no sockets with a path. */
const test = any.skipIf(process.platform === 'win32')

function home(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-up-home-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

const meta = (name: string) => `.docker/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`
const endpoint = (Host: string) => JSON.stringify({ Endpoints: { docker: { Host } } })

test('the current context says where the engine is; DOCKER_CONTEXT and DOCKER_HOST say it before', () => {
  using at = home({
    '.docker/config.json': JSON.stringify({ currentContext: 'colima' }),
    [meta('colima')]: endpoint('unix:///home/ada/.colima/default/docker.sock'),
    [meta('orbstack')]: endpoint('unix:///home/ada/.orbstack/run/docker.sock'),
  })
  expect(locateEngine({}, at.folder)).toBe('unix:///home/ada/.colima/default/docker.sock')
  expect(locateEngine({ DOCKER_CONTEXT: 'orbstack' }, at.folder)).toBe('unix:///home/ada/.orbstack/run/docker.sock')
  expect(locateEngine({ DOCKER_HOST: 'tcp://10.0.0.7:2375' }, at.folder)).toBe('tcp://10.0.0.7:2375')
})

test("testcontainers' own settings come before the context", () => {
  using at = home({
    '.testcontainers.properties': 'docker.host = tcp://127.0.0.1:2375\n',
    '.docker/config.json': JSON.stringify({ currentContext: 'colima' }),
    [meta('colima')]: endpoint('unix:///x.sock'),
  })
  expect(locateEngine({}, at.folder)).toBe('tcp://127.0.0.1:2375')
})

test('a context that is broken is left to docker', () => {
  using at = home({ '.docker/config.json': '{' })
  expect(locateEngine({}, at.folder)).toMatch(/^unix:\/\//)
})
