import type { BootOptions } from '../kept-broker.ts'
import { Engine } from './engine.ts'
import { ensureImage, type Pulling } from './image.ts'
import { imageName } from './image-name.ts'

/** Node would try ::1 for 'localhost' first, where Docker does not listen. */
export const LOOPBACK = '127.0.0.1'

/** Has all here that starting a container needs: the engine, the image, and the library that starts it. */
export async function prepareDocker(options: BootOptions) {
  const { image = imageName() } = options
  const engine = new Engine()
  const testcontainers = import('./leased-container.ts')
  const runtime = runtimeOf(engine)
  // They are awaited later; until then their failure is nobody's.
  for (const early of [testcontainers, runtime]) early.catch(() => {})

  const { entrypoint, cmd } = await ensureImage(engine, image, {
    report: (text) => options.report('pulling', text),
    signal: options.signal,
    pullWithLogin: () => pullWithLogin(engine, image),
  })
  const { host } = (await runtime).info.containerRuntime
  return {
    engine,
    image,
    /** The image's own entrypoint and command. */
    command: [...entrypoint, ...cmd],
    /** Where the ports of its containers are. */
    host: host === 'localhost' ? LOOPBACK : host,
    ...(await testcontainers),
  }
}

/** Has the image here, ahead of who needs it. @throws LabError where it can't be had */
export async function pullImage(image = imageName(), options: Pick<Pulling, 'report' | 'signal'>): Promise<void> {
  const engine = new Engine()
  await ensureImage(engine, image, { ...options, pullWithLogin: () => pullWithLogin(engine, image) })
}

async function pullWithLogin(engine: Engine, image: string): Promise<void> {
  const { ImageName } = await import('testcontainers')
  await (await runtimeOf(engine)).image.pull(ImageName.fromString(image))
}

async function runtimeOf(engine: Engine) {
  // Without this testcontainers would look for an engine by itself, and could find another one; it takes no argument.
  process.env['DOCKER_HOST'] = engine.uri
  return (await import('testcontainers')).getContainerRuntimeClient()
}
