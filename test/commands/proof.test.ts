import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { DEFAULT_IMAGE } from '../../lab/broker/docker/image-name.ts'
import { brokersToProve, type Choice } from '../../lab/commands/proof/brokers.ts'
import { Tally } from '../../lab/commands/proof/tally.ts'
import { fakeDocker, scratch } from '../broker/fakes.ts'

afterEach(() => void vi.unstubAllEnvs())

const choice: Choice = {
  all: true,
  named: undefined,
  otherwise: 'embedded',
  further: false,
  whole: false,
  env: {},
  tell: () => {},
}
const noEngine = () => vi.stubEnv('DOCKER_HOST', `unix://${scratch()}/none.sock`)

test('npm test is for the embedded broker, and looks for no other', async () => {
  vi.stubEnv('DOCKER_HOST', await fakeDocker({ 'GET /version': () => expect.fail('Docker was asked') }))
  expect(await brokersToProve({ ...choice, all: false })).toEqual({ brokers: [{ kind: 'embedded' }], leftOut: [] })
})

test('of all, a broker that is not there is left out, and why is said', async () => {
  noEngine()
  const { brokers, leftOut } = await brokersToProve({
    ...choice,
    env: { LAB_RABBITMQ_IMAGES: 'rabbitmq:9, rabbitmq:8' },
  })
  expect(brokers).toContainEqual({ kind: 'embedded' })
  expect(brokers.filter(({ kind }) => kind === 'container')).toEqual([])
  const reason = expect.stringMatching(/^No Docker engine answers/)
  expect(leftOut.slice(0, 2)).toEqual([
    { name: 'container rabbitmq:9', reason },
    { name: 'container rabbitmq:8', reason },
  ])
})

test('so is one whose image can not be pulled, and the others stay', async () => {
  const words = 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host'
  const told = vi.fn()
  vi.stubEnv(
    'DOCKER_HOST',
    await fakeDocker({ 'POST /images/create': (response) => response.end(JSON.stringify({ error: words })) }),
  )
  const { brokers, leftOut } = await brokersToProve({
    ...choice,
    env: { LAB_RABBITMQ_IMAGE: 'rabbitmq:9' },
    tell: told,
  })
  expect(brokers).toContainEqual({ kind: 'embedded' })
  expect(leftOut[0]).toEqual({ name: 'container rabbitmq:9', reason: expect.stringContaining(words) })
  expect(told).toHaveBeenCalledExactlyOnceWith('pulling rabbitmq:9')
})

test('one that was asked for by name and is not there is an error', async () => {
  noEngine()
  for (const all of [true, false]) {
    await expect(brokersToProve({ ...choice, all, named: 'container' })).rejects.toMatchObject({
      code: 'container-not-usable',
      advice: expect.stringContaining('Start Docker'),
    })
  }
})

test('every series is proven, mistakes on the first; without the embedded broker where npm test has been', async () => {
  const here = [DEFAULT_IMAGE, 'rabbitmq:4.0.9-management', 'a:1', 'b:2'].map(
    (image) => [`GET /images/${image}/json`, (response: ServerResponse) => response.end('{"Config":{}}')] as const,
  )
  vi.stubEnv('DOCKER_HOST', await fakeDocker(Object.fromEntries(here)))
  const containers = async (env: NodeJS.ProcessEnv, whole = false) => {
    const { brokers } = await brokersToProve({ ...choice, further: true, whole, env })
    expect(brokers.map(({ kind }) => kind)).not.toContain('embedded')
    const mistaken = brokers.filter(({ withoutMistakes }) => !withoutMistakes)
    if (!whole) expect(mistaken.map(({ kind }) => kind)).toEqual(['container'])
    return brokers.flatMap(({ kind, image, withoutMistakes }) =>
      kind === 'container' ? [[image, withoutMistakes]] : [],
    )
  }
  expect(await containers({})).toEqual([
    [DEFAULT_IMAGE, false],
    ['rabbitmq:4.0.9-management', true],
  ])
  const two = { LAB_RABBITMQ_IMAGES: 'a:1, b:2' }
  expect(await containers(two)).toEqual([
    ['a:1', false],
    ['b:2', true],
  ])
  expect(await containers(two, true)).toEqual([
    ['a:1', false],
    ['b:2', false],
  ])
})

test('what fails is told at once and at the end, what passes in a line for many', () => {
  const stdout = new PassThrough({ encoding: 'utf8' })
  const tally = new Tally({ stdout, env: { LANG: 'C.UTF-8' } })
  tally.pass(2)
  tally.decided('embedded: 01-first-connection', 2, 0)
  tally.fail('embedded: 02-retrying-connection mistake gives-up', 'should fail\nbut it passed')
  tally.decided('embedded: 02-retrying-connection', 1, 1)
  expect(tally.end()).toBe(1)
  const failure = '✘ embedded: 02-retrying-connection mistake gives-up\n  should fail\n  but it passed\n'
  expect(stdout.read()).toBe(`✔   0 s  embedded: 01-first-connection: all 2
${failure}✘   0 s  embedded: 02-retrying-connection: 0 of 1

Failed:
${failure}
2 passed, 1 failed
`)
})

test('where nothing was proven, nothing has passed', () => {
  expect(new Tally({ stdout: new PassThrough(), env: {} }).end()).toBe(1)
})
