import { DEFAULT_IMAGE } from '../broker/docker/image-name.ts'
import { KINDS, type KindName, loadKind, RABBITMQ_KINDS } from '../broker/kinds/kind.ts'

export interface BrokerToProve {
  kind: 'auto' | KindName
  /** For containers: the image. */
  image?: string
}

const OFFICIAL = [DEFAULT_IMAGE, 'rabbitmq:4.0.9-management']

/**
 * The brokers that the proof runs on: the embedded one and one RabbitMQ, or every kind and series that this machine can have.
 * LAB_RABBITMQ_IMAGES names the images of the series, separated by commas; by default the official ones.
 */
export async function brokersToProve(options: {
  all: boolean
  kind: KindName | 'auto' | undefined
  /** Leave out those on which `npm test` has proven the same. */
  further?: boolean
  env: NodeJS.ProcessEnv
}): Promise<BrokerToProve[]> {
  if (options.further) {
    const [first] = await firstRabbitMQ()
    const all = await brokersToProve({ all: true, kind: 'auto', env: options.env })
    const proven = [all.findIndex(({ kind }) => kind === 'embedded'), all.findIndex(({ kind }) => kind === first?.kind)]
    return all.filter((_, i) => !proven.includes(i))
  }
  if (!options.all && options.kind !== undefined) return [{ kind: options.kind }]
  if (!options.all) return [{ kind: 'embedded' }, ...(await firstRabbitMQ())]
  const kinds = options.kind === undefined || options.kind === 'auto' ? KINDS : [options.kind]
  const found: BrokerToProve[] = []
  for (const kind of kinds) {
    if (!(await (await loadKind(kind)).probe()).usable) continue
    const { LAB_RABBITMQ_IMAGES: several, LAB_RABBITMQ_IMAGE: one } = options.env
    const images = several?.split(',') ?? (one === undefined ? OFFICIAL : [one])
    found.push(...(kind === 'container' ? images.map((image) => ({ kind, image: image.trim() })) : [{ kind }]))
  }
  return found
}

async function firstRabbitMQ(): Promise<BrokerToProve[]> {
  for (const kind of RABBITMQ_KINDS) if ((await (await loadKind(kind)).probe()).usable) return [{ kind }]
  return []
}
