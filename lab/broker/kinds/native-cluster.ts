import type { Kind } from '../kept-broker.ts'
import { kind as native } from './native.ts'

/** Three private nodes from this machine's own installation, with an epmd and a cookie of their own. */
export const kind: Kind = {
  image: native.image,
  probe: native.probe,
  boot: async (options) => (await import('../native/boot-cluster.ts')).bootNativeCluster(options),
}
