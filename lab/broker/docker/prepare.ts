import type { BootOptions } from '../kept-broker.ts'
import { Engine } from './engine.ts'
import { ensureImage } from './image.ts'
import { imageName } from './image-name.ts'

/** Node would try ::1 for 'localhost' first, where Docker does not listen. */
export const LOOPBACK = '127.0.0.1'

/** Has all here that starting a container needs: the engine, the image, and the library that starts it. */
export async function prepareDocker(options: BootOptions) {
  const { image = imageName() } = options
  const engine = new Engine()
  // Without this testcontainers would look for an engine by itself, and could find another one; it takes no argument.
  process.env['DOCKER_HOST'] = engine.uri
  const testcontainers = import('./leased-container.ts')
  const runtime = import('testcontainers').then((library) => library.getContainerRuntimeClient())
  // They are awaited later; until then their failure is nobody's.
  for (const early of [testcontainers, runtime]) early.catch(() => {})

  const { entrypoint, cmd } = await ensureImage(engine, image, {
    report: (text) => options.report('pulling', text),
    signal: options.signal,
    pullWithLogin: async () => {
      const { ImageName } = await import('testcontainers')
      await (await runtime).image.pull(ImageName.fromString(image))
    },
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
