import { LabError } from '../../errors.ts'
import { imageName } from '../docker/image-name.ts'
import type { Kind, Probe } from '../kept-broker.ts'
import { messages } from '../messages.ts'

/** RabbitMQ in a container of the official image, through testcontainers. What takes time to load is loaded when needed. */
export const kind: Kind = {
  image: (asked) => asked ?? imageName(),

  async probe(image = imageName()): Promise<Probe> {
    const { Engine } = await import('../docker/engine.ts')
    try {
      const engine = new Engine()
      const [version, here] = await Promise.all([engine.ping(), engine.image(image)])
      const text = `Docker ${version} at ${engine.uri}, image ${image}`
      return here
        ? { usable: true, text }
        : { usable: true, text: `${text} (which has to be pulled first)`, download: true }
    } catch (error) {
      const { message, advice } =
        error instanceof LabError ? error : messages.dockerUnclear('its socket', String(error))
      return { usable: false, text: message, advice }
    }
  },

  boot: async (options) => (await import('../docker/boot.ts')).bootContainer(options),
}
