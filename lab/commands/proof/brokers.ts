import { DEFAULT_IMAGE } from '../../broker/docker/image-name.ts'
import { KINDS, type KindName, loadKind } from '../../broker/kinds/kind.ts'
import { messages } from '../../broker/messages.ts'
import { LabError } from '../../errors.ts'

export interface BrokerToProve {
  kind: 'auto' | KindName
  /** For containers: the image. */
  image?: string
  /** Only what is right is proven on it: mistakes are caught by the same plays on the first series of its kind. */
  withoutMistakes?: boolean
}

export interface BrokersToProve {
  brokers: BrokerToProve[]
  /** What can't be had here, and why. */
  leftOut: { name: string; reason: string }[]
}

export interface Choice {
  /** Every kind and series that this machine can have; else one. */
  all: boolean
  /** The one that was asked for by name. */
  named: KindName | undefined
  /** The one to take where none was; it is not looked for before it is opened. */
  otherwise: 'auto' | 'embedded'
  /** Of all, leave out those on which `npm test` has proven the same; and mistakes are for one RabbitMQ. */
  further: boolean
  /** Every mistake on every series, too. */
  whole: boolean
  env: NodeJS.ProcessEnv
  /** Told that something is downloaded. */
  tell: (text: string) => void
}

const OFFICIAL = [DEFAULT_IMAGE, 'rabbitmq:4.0.9-management']

/**
 * The brokers that the proof runs on. That one can't be had shows here, and not when half of the proof is over.
 * LAB_RABBITMQ_IMAGES names the images of the series, separated by commas; by default the official ones.
 *
 * @throws LabError where the one that was asked for by name can't be had
 */
export async function brokersToProve(choice: Choice): Promise<BrokersToProve> {
  const { all, named, otherwise, further, whole, env, tell } = choice
  if (!all && named === undefined) return { brokers: [{ kind: otherwise }], leftOut: [] }
  const kinds = named === undefined ? KINDS.filter((kind) => !(further && kind === 'embedded')) : [named]
  const wanted = kinds.flatMap((kind): BrokerToWant[] => {
    if (kind !== 'container' || !all) return [{ kind }]
    const { LAB_RABBITMQ_IMAGES: several, LAB_RABBITMQ_IMAGE: one } = env
    const images = several?.split(',') ?? (one === undefined ? OFFICIAL : [one])
    return images.map((image, nth) => ({ kind, image: image.trim(), withoutMistakes: nth > 0 && !whole }))
  })
  const looked = await Promise.all(wanted.map(async (each) => ({ ...each, error: await whyNot(each, tell) })))
  const missing = looked.flatMap(({ kind, image, error }) =>
    error === undefined ? [] : [{ name: image === undefined ? kind : `${kind} ${image}`, error }],
  )
  if (named !== undefined && missing[0] !== undefined) throw missing[0].error
  const here = wanted.filter((_, i) => looked[i]?.error === undefined)
  return {
    brokers: further && !whole ? here.map((each, nth) => ({ ...each, withoutMistakes: nth > 0 })) : here,
    leftOut: missing.map(({ name, error }) => ({ name, reason: error.message })),
  }
}

type BrokerToWant = BrokerToProve & { kind: KindName }

/** Why it can't be had; an image is pulled, for a registry may promise much. */
async function whyNot({ kind, image }: BrokerToWant, tell: (text: string) => void): Promise<LabError | undefined> {
  const probe = await (await loadKind(kind)).probe(image)
  if (!probe.usable) return messages.notUsable(kind, probe)
  if (!probe.download) return undefined
  const { pullImage } = await import('../../broker/docker/prepare.ts')
  try {
    // In the first line of many: how far it is, is for a terminal.
    const report = (text: string) => text.includes('%') || tell(text)
    await pullImage(image, { report, signal: new AbortController().signal })
    return undefined
  } catch (error) {
    if (error instanceof LabError) return error
    throw error
  }
}
