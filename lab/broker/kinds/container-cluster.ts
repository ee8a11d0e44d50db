import type { Kind } from '../kept-broker.ts'
import { kind as container } from './container.ts'

/** Three containers of the image, on a network of their own. */
export const kind: Kind = {
  image: container.image,
  probe: container.probe,
  boot: async (options) => (await import('../docker/boot-cluster.ts')).bootContainerCluster(options),
}
