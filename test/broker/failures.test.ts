import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Starting } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import { callKeeper } from '../../lab/broker/client/call.ts'
import { Engine } from '../../lab/broker/docker/engine.ts'
import { ensureImage } from '../../lab/broker/docker/image.ts'
import { RABBITMQ_KINDS } from '../../lab/broker/kinds/kind.ts'
import { findInstalled } from '../../lab/broker/native/install.ts'
import { prepareBirth } from '../../lab/broker/rabbitmq/definitions.ts'
import { whenReady } from '../../lab/broker/rabbitmq/rabbitmq.ts'
import { fakeDocker, fakeRabbitServer, scratch } from './fakes.ts'
import { isNothing, makeRoot, removeRoot, traces } from './ground.ts'
import { until } from './until.ts'

/** Each way in which a broker can't be had has one sentence, a code, and advice. */

const NOBODY = 65_534

let root: string
beforeEach(() => {
  root = makeRoot()
})
afterEach(() => removeRoot(root))
afterEach(() => void vi.unstubAllEnvs())

describe('Docker', () => {
  test('no engine', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${scratch()}/none.sock`)
    await expect(openBroker({ kind: 'container', root })).rejects.toMatchObject({
      code: 'container-not-usable',
      message: expect.stringMatching(/^No Docker engine answers at unix:.*none\.sock\.$/),
      advice: expect.stringContaining('Start Docker'),
    })
  })

  test('no right to its socket', async () => {
    const host = await fakeDocker()
    const socket = host.replace('unix://', '')
    chmodSync(socket, 0)
    const ping = `import(${JSON.stringify(import.meta.resolve('../../lab/broker/docker/engine.ts'))})
      .then(({ Engine }) => new Engine(${JSON.stringify(host)}).ping()).catch(({ code, message }) => console.log(code, message))`
    // Nothing is forbidden to root.
    const asOther = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    const folder = socket.slice(0, socket.lastIndexOf('/'))
    chmodSync(folder, 0o755)
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', ping], { ...asOther, env: {} })
    expect(stdout).toContain(`docker-forbidden You don't have permission to use the Docker engine at ${host}.`)
  })

  test('an answer that is not Docker', async () => {
    const engine = new Engine(await fakeDocker({ 'GET /version': (response) => response.end('<html>hello') }))
    await expect(engine.ping()).rejects.toMatchObject({
      code: 'docker-unclear',
      message: expect.stringContaining('hello'),
    })
  })

  // The words are what engines and registries say.
  test.each([
    ['pull-limit', 'toomanyrequests: You have reached your unauthenticated pull rate limit.'],
    [
      'image-unreachable',
      'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    ],
    ['image-unreachable', 'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout'],
    ['image-unknown', 'manifest for rabbitmq:9 not found: manifest unknown: manifest unknown'],
    ['image-unknown', 'pull access denied for nothing, repository does not exist'],
    ['pull-failed', 'failed to register layer: write /usr/lib: no space left on device'],
  ])('%s: %s', async (code, words) => {
    for (const answer of [refuseAtOnce(words), refuseOnTheWay(words)]) {
      const engine = new Engine(await fakeDocker({ 'POST /images/create': answer }))
      await expect(ensureImage(engine, 'rabbitmq:9', silently)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words.replace(/\.$/, '')),
        advice: expect.any(String),
      })
    }
  })

  test('a registry that says nothing', async () => {
    const engine = new Engine(await fakeDocker({ 'POST /images/create': () => {} }))
    await expect(ensureImage(engine, 'rabbitmq:9', { ...silently, silenceMs: 50 })).rejects.toMatchObject({
      code: 'image-unreachable',
      message: "The image rabbitmq:9 isn't on this machine, and its registry can't be reached: no answer for 0.05 s.",
    })
  })

  test('a pull shows how far it is', async () => {
    const report = vi.fn()
    const engine = new Engine(
      await fakeDocker({
        'POST /images/create': (response) => {
          const layer = (id: string, current: number) =>
            response.write(
              `${JSON.stringify({ id, status: 'Downloading', progressDetail: { current, total: 50e6 } })}\n`,
            )
          layer('a', 10e6)
          layer('b', 0)
          layer('b', 40e6)
          response.end('{"id":"a","status":"Pull complete"}\n')
        },
      }),
    )
    await expect(ensureImage(engine, 'rabbitmq:9', { ...silently, report })).rejects.toThrow()
    expect(report.mock.calls.flat()).toEqual([
      'pulling rabbitmq:9',
      'pulling rabbitmq:9, 20 % of 50 MB',
      'pulling rabbitmq:9, 10 % of 100 MB',
      'pulling rabbitmq:9, 50 % of 100 MB',
      'pulling rabbitmq:9, 90 % of 100 MB',
    ])
  })

  test('what the keeper meets, the command hears', async () => {
    const words = 'toomanyrequests: You have reached your pull rate limit'
    vi.stubEnv('DOCKER_HOST', await fakeDocker({ 'POST /images/create': refuseAtOnce(words) }))
    const phases: string[] = []
    const opening = openBroker({ kind: 'container', root, onStarting: ({ phase }) => phases.push(phase) })
    await expect(opening).rejects.toMatchObject({ code: 'pull-limit', advice: expect.stringContaining('docker login') })
    expect(phases).toContain('pulling')
  })

  test('the image that is asked for, not the one of the environment', async () => {
    vi.stubEnv('DOCKER_HOST', await fakeDocker({ 'POST /images/create': refuseAtOnce('manifest unknown') }))
    vi.stubEnv('LAB_RABBITMQ_IMAGE', 'rabbitmq:of-the-environment')
    await expect(openBroker({ kind: 'container', image: 'rabbitmq:asked-for', root })).rejects.toMatchObject({
      code: 'image-unknown',
      message: expect.stringContaining('rabbitmq:asked-for'),
    })
  })
})

describe('native', () => {
  test('not installed', () => {
    expect(findInstalled({ PATH: scratch() }, [])).toBeUndefined()
  })

  test('a server that dies while it boots is quoted', async () => {
    fakeRabbitServer('echo "BOOT FAILED: the disk is full"; exit 3')
    await expect(openBroker({ kind: 'native', root })).rejects.toMatchObject({
      code: 'broker-died-booting',
      message:
        'RabbitMQ exited while it was starting (exit code 3).\nIts last output:\n  BOOT FAILED: the disk is full',
    })
    await until('everything to be gone', () => traces(root), isNothing)
  })

  test('a port that somebody has taken meanwhile', async () => {
    fakeRabbitServer('echo "Failed to start Ranch listener: eaddrinuse (address already in use)"; exit 1')
    await expect(openBroker({ kind: 'native', root })).rejects.toMatchObject({ code: 'port-taken' })
  })

  test('a command that gives up while it boots', async () => {
    fakeRabbitServer('exec sleep 600')
    const giveUp = new AbortController()
    const onStarting = ({ phase }: Starting) => phase === 'booting' && giveUp.abort(new Error('no time'))
    await expect(openBroker({ kind: 'native', root, signal: giveUp.signal, onStarting })).rejects.toThrow('no time')
  })
})

test('auto passes over what can not be used, says why, and gives up with all the reasons', async () => {
  vi.stubEnv('DOCKER_HOST', `unix://${scratch()}/none.sock`)
  fakeRabbitServer('exit 3')
  const passedOver: string[] = []
  const onStarting = ({ kind, phase, text }: Starting) => phase === 'passed-over' && passedOver.push(`${kind}: ${text}`)
  await expect(openBroker({ kind: 'auto', among: RABBITMQ_KINDS, root, onStarting })).rejects.toMatchObject({
    code: 'no-broker',
    message: expect.stringMatching(/container: No Docker engine[\s\S]*native: RabbitMQ exited while it was starting/),
    advice: expect.stringContaining('Start Docker'),
  })
  expect(passedOver).toEqual([
    expect.stringContaining('container: No Docker engine answers'),
    'native: RabbitMQ exited while it was starting (exit code 3).',
  ])
  await using broker = await openBroker({ kind: 'auto', root })
  expect(broker.info).toMatchObject({ kind: 'embedded', product: expect.not.stringContaining('RabbitMQ') })
})

test('a broker that is never ready: says what was seen last, and is stopped', async () => {
  const stop = vi.fn(async () => {})
  const silent = createServer((socket) => void socket.destroy())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as { port: number }
  const node = {
    host: '127.0.0.1',
    port,
    managementPort: 0,
    evaluate: () => Promise.reject(new Error('not asked')),
    ctl: () => Promise.reject(new Error('not asked')),
    died: new Promise<never>(() => {}),
    stop,
  }
  const owner = { folder: root, key: 'none', id: 'none' }
  const boot = { owner, report: () => {}, log: () => {}, signal: new AbortController().signal, limitMs: 1500 }
  await expect(whenReady('native', node, prepareBirth(), boot)).rejects.toMatchObject({
    code: 'boot-too-long',
    message:
      "RabbitMQ wasn't ready 1.5 s after it was started. Last seen: the connection was closed before connection.start.",
  })
  expect(stop).toHaveBeenCalledOnce()
})

test('a keeper that says nothing', async () => {
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as { port: number }
  const address = { pid: 4711, port, token: 'x', kind: 'native', since: 0 }
  await expect(callKeeper(address, 'user', 50)).rejects.toMatchObject({
    code: 'keeper-silent',
    advice: expect.stringContaining('kill -9 4711'),
  })
})

const silently = {
  report: () => {},
  signal: new AbortController().signal,
  pullWithLogin: () => Promise.reject(new Error('nobody is logged in')),
}

function refuseAtOnce(message: string) {
  return (response: import('node:http').ServerResponse) => void response.writeHead(500).end(JSON.stringify({ message }))
}

function refuseOnTheWay(error: string) {
  return (response: import('node:http').ServerResponse) =>
    void response.end(`{"status":"Pulling from library/rabbitmq"}\n${JSON.stringify({ error })}\n`)
}
