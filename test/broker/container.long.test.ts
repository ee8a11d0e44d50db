import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openBroker } from '../../lab/broker/choose.ts'
import { Engine } from '../../lab/broker/docker/engine.ts'
import { imageName } from '../../lab/broker/docker/image-name.ts'
import { homeLabel, PID_LABEL } from '../../lab/broker/docker/labels.ts'
import { sweepContainers } from '../../lab/broker/docker/sweep.ts'
import { brokersFolder } from '../../lab/broker/home.ts'
import { isNothing, makeRoot, removeRoot, traces, underTest } from './ground.ts'
import { until } from './until.ts'

const [container] = await underTest(['container'])

describe.skipIf(container === undefined || container.missing !== undefined)('containers', () => {
  let root: string
  beforeEach(() => {
    root = makeRoot()
  })
  afterEach(() => removeRoot(root))
  afterEach(() => void vi.unstubAllEnvs())

  test('a container that dies while it boots is quoted', async () => {
    const image = 'cluster-up-test-dying:latest'
    const dockerfile = `FROM ${process.env['LAB_RABBITMQ_IMAGE'] ?? 'rabbitmq:4.3.6-management'}
  ENTRYPOINT ["sh", "-c", "echo 'BOOT FAILED: the disk is full'; exit 3"]`
    execFileSync('docker', ['build', '-q', '-t', image, '-'], {
      input: dockerfile,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    onTestFinished(() => void execFileSync('docker', ['rmi', '-f', image], { stdio: 'ignore' }))
    await expect(openBroker({ kind: 'container', image, root })).rejects.toMatchObject({
      code: 'broker-died-booting',
      message: expect.stringMatching(
        /^RabbitMQ exited while it was starting \(.*\)\.\nIts last output:\n {2}BOOT FAILED: the disk is full$/,
      ),
    })
    await until('everything to be gone', () => traces(root), isNothing)
  })

  test('a container whose keeper is dead is swept, and no other', async () => {
    const folder = brokersFolder(root)
    const gone = spawn('true')
    await once(gone, 'exit')
    const create = (pid: number | undefined) => {
      const labels = { ...homeLabel(folder), [PID_LABEL]: String(pid) }
      const args = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
      return execFileSync('docker', ['create', ...args, imageName(), 'none'], { encoding: 'utf8' }).trim()
    }
    const [dead, living] = [create(gone.pid), create(process.pid)]
    await sweepContainers(new Engine(), folder)
    expect((await traces(root)).containers).toEqual([living])
    expect(dead).not.toBe(living)
    await new Engine().removeContainer(living)
  })
})
