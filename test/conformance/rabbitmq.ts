import { openBroker } from '../../lab/broker/choose.ts'
import type { KindName } from '../../lab/broker/kinds/kind.ts'
import { kindsHere } from '../broker/ground.ts'
import type { Ground } from './stage.ts'

/** A real broker to compare with: its kind, and for a container its image. */
export interface Real {
  kind: KindName
  image?: string
}

/**
 * Those that LAB_TEST_BROKERS names: 'native', 'container', 'container=IMAGE', separated by commas. By default
 * those that this machine has.
 */
export async function realBrokers(named = process.env['LAB_TEST_BROKERS']): Promise<Real[]> {
  if (!named) {
    const here = (await kindsHere()).filter(({ kind, missing }) => missing === undefined && kind !== 'embedded')
    return here.map(({ kind }) => ({ kind }))
  }
  const reals = named.split(',').map((each) => {
    const [kind, image] = each.trim().split('=', 2)
    return { kind: kind as KindName, ...(image && { image }) }
  })
  return reals.filter(({ kind }) => kind !== 'embedded')
}

export async function openReal({ kind, image }: Real, root: string): Promise<Ground> {
  const broker = await openBroker({ kind, image, root })
  const { host, port, info } = broker
  return {
    name: `RabbitMQ ${info.version} (${kind})`,
    series: info.version.split('.', 2).join('.'),
    host,
    port,
    openVhost: () => broker.openVhost(),
    turn: () => broker.turn({ restarts: true }),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}
