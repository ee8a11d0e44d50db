import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openBroker } from '../../lab/broker/choose.ts'
import { brokersFolder } from '../../lab/broker/home.ts'
import {
  type KeeperAddress,
  logFile,
  readAddress,
  readAddresses,
  registerAddress,
  removeAddress,
  removeDead,
} from '../../lab/broker/keeper/state-file.ts'
import { RABBITMQ_KINDS } from '../../lab/broker/kinds/kind.ts'
import { listWarm, stopWarm } from '../../lab/broker/warm.ts'
import { stopBrokers, tellBrokers } from '../../lab/commands/doctor.ts'
import { fakeRabbitServer, scratch } from './fakes.ts'
import { isNothing, keeperProcesses, leashOf, makeRoot, removeRoot, traces } from './ground.ts'
import { until } from './until.ts'

/** Keepers, and who is the one; with a server that never gets ready, which needs no RabbitMQ and no time. */

let root: string
beforeEach(() => {
  root = makeRoot()
})
afterEach(() => removeRoot(root))
afterEach(() => void vi.unstubAllEnvs())

test('the file has one keeper, and only that one is removed', () => {
  const folder = brokersFolder(root)
  const [one, other] = [addressOf('one'), addressOf('other')]
  expect(registerAddress(folder, 'key', one)).toBe(true)
  expect(registerAddress(folder, 'key', other)).toBe(false)
  expect(readAddress(folder, 'key')).toEqual(one)
  removeAddress(folder, 'key', other.token)
  expect(readAddress(folder, 'key')).toEqual(one)
  removeAddress(folder, 'key', one.token)
  expect(readAddresses(folder)).toEqual([])
})

test.each(['', '{"pid":', '{"pid":"1"}', 'null', '[]'])('a broken file (%s) is as good as none', (text) => {
  const folder = brokersFolder(root)
  writeFileSync(join(folder, 'key.json'), text)
  expect(readAddress(folder, 'key')).toBeUndefined()
  removeAddress(folder, 'key', undefined)
  expect(registerAddress(folder, 'key', addressOf('one'))).toBe(true)
})

test('what was left of a dead one is swept; the log of one that has come in its place stays', () => {
  const folder = brokersFolder(root)
  const dead = { ...addressOf('dead'), pid: 2 ** 22 + 1 }
  registerAddress(folder, 'gone', dead)
  writeFileSync(logFile(folder, 'gone'), 'it died')
  registerAddress(folder, 'mine', addressOf('mine'))
  writeFileSync(logFile(folder, 'mine'), 'it lives')
  removeDead(folder)
  expect(readdirSync(folder).toSorted()).toEqual(['mine.json', 'mine.log'])
})

test('of keepers that start at once, over the file of a dead one, one stays', async () => {
  fakeRabbitServer('exec sleep 600')
  const folder = brokersFolder(root)
  registerAddress(folder, 'key', addressOf('dead'))
  const main = resolve(import.meta.dirname, '../../lab/broker/keeper/main.ts')
  const starts = Array.from({ length: 4 }, async (_, nth) => {
    const args = [main, 'native', '--folder', folder, '--key', 'key', '--idle-ms', '60000']
    const log = join(root, `keeper-${nth}.log`)
    const output = openSync(log, 'a')
    const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', output, output, 'ipc'] })
    closeSync(output)
    child.unref()
    const died = once(child, 'exit').then(([code, signal]) => `died (${signal ?? code}): ${readFileSync(log, 'utf8')}`)
    return await Promise.race([once(child, 'message').then(([said]) => said), died])
  })
  expect((await Promise.all(starts)).toSorted()).toEqual(['registered', 'taken', 'taken', 'taken'])
  await until(
    'the others to be gone',
    () => keeperProcesses(root),
    (found) => found.length === 1,
  )
  expect(await listWarm(root)).toMatchObject([{ key: 'key', users: 0 }])
})

test('a keeper that is no longer in the file takes no one, and leaves', async () => {
  fakeRabbitServer('exec sleep 600')
  const opening = openBroker({ kind: 'native', root })
  opening.catch(() => {})
  const [first] = await until(
    'a keeper',
    () => listWarm(root),
    (found) => found[0]?.users === 1,
  )
  const folder = brokersFolder(root)
  const address = readAddress(folder, first?.key ?? '')
  removeAddress(folder, first?.key ?? '', address?.token)

  const other = openBroker({ kind: 'native', root })
  other.catch(() => {})
  const [second] = await until(
    'another keeper',
    () => listWarm(root),
    (found) => found[0]?.users === 1,
  )
  expect(second?.pid).not.toBe(first?.pid)
  await stopBrokers(sink(), root)
  await expect(other).rejects.toMatchObject({ code: 'broker-stopped' })
  process.kill(first?.pid ?? 0, 'SIGTERM')
  await expect(opening).rejects.toMatchObject({ code: 'broker-stopped' })
})

test('after a keeper that was killed, the next command starts another; doctor shows and stops it', async () => {
  fakeRabbitServer('exec sleep 600')
  vi.stubEnv('DOCKER_HOST', `unix://${scratch()}/none.sock`)
  const opening = openBroker({ kind: 'native', root })
  opening.catch(() => {})
  const [killed] = await until(
    'a keeper',
    () => listWarm(root),
    (found) => found[0]?.users === 1,
  )
  process.kill(killed?.pid ?? 0, 'SIGKILL')
  await expect(opening).rejects.toMatchObject({ code: 'broker-lost' })

  const again = openBroker({ kind: 'auto', among: RABBITMQ_KINDS, root })
  again.catch(() => {})
  const [status] = await until(
    'another keeper',
    () => listWarm(root),
    (found) => found[0]?.users === 1,
  )
  const stdout = sink()
  const now = () => (status?.since ?? 0) + 125_000
  expect(await tellBrokers(stdout, root, now)).toBe(0)
  expect(stdout.text).toMatch(/^container {3}not usable\n {2}No Docker engine answers at unix:.*\n {2}Start Docker/m)
  expect(stdout.text).toMatch(/^native {6}usable\n {2}RabbitMQ is installed\n/m)
  expect(stdout.text).toContain(`booting for 2 min, used by 1 command now (kept by process ${status?.pid})`)
  expect(stdout.text).toContain('Checks use native here.')

  const before = await traces(root)
  const stopping = sink()
  expect(await stopBrokers(stopping, root)).toBe(0)
  expect(stopping.text).toBe(`Stopped the native broker (kept by process ${status?.pid}).\n`)
  expect(isNothing(await traces(root, before))).toBe(true)
  await expect(again).rejects.toMatchObject({ code: 'no-broker' })
})

test('when leash and keeper are killed at once, the next start sweeps', async () => {
  fakeRabbitServer('exec sh -c "sleep 600; true" "$RABBITMQ_MNESIA_BASE"')
  const opening = openBroker({ kind: 'native', root })
  opening.catch(() => {})
  const before = await until(
    'the server',
    () => traces(root),
    ({ groups }) => groups.length === 2,
  )
  const [status] = await until(
    'the command to be connected',
    () => listWarm(root),
    (found) => found[0]?.users === 1,
  )
  // Stopped, the keeper can't see its leash end.
  process.kill(status?.pid ?? 0, 'SIGSTOP')
  process.kill(leashOf('native', before), 'SIGKILL')
  process.kill(status?.pid ?? 0, 'SIGKILL')
  await expect(opening).rejects.toMatchObject({ code: 'broker-lost' })
  expect(isNothing(await traces(root, before))).toBe(false)

  const again = openBroker({ kind: 'native', root })
  again.catch(() => {})
  await until(
    'the old folder to be gone',
    () => before.folders.filter((each) => existsSync(each)),
    (left) => left.length === 0,
  )
  await stopWarm(root)
  await until('everything to be gone', () => traces(root, before), isNothing)
})

test('doctor says when there is nothing to stop', async () => {
  const stdout = sink()
  expect(await stopBrokers(stdout, root)).toBe(0)
  expect(stdout.text).toBe('No broker is warm.\n')
})

function addressOf(token: string): KeeperAddress {
  return { pid: process.pid, port: 1, token, kind: 'native', since: 0 }
}

function sink() {
  return {
    text: '',
    write(more: string) {
      this.text += more
      return true
    },
  }
}
