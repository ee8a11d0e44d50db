import { frames, type Recording, type Shortfall } from '../../lab/check/evidence.ts'

/**
 * An exchange was declared as one that need not outlive the broker. RabbitMQ 4.3 keeps it through a restart, and 3.10 does
 * not: only the frame tells on every broker.
 */
export function transientExchange(recording: Recording): Shortfall | undefined {
  const declare = frames(recording, 'exchange.declare').find(
    ({ fields }) => fields.passive !== true && fields.durable !== true,
  )
  return (
    declare && {
      seen: `Your service declared the exchange '${declare.fields.exchange}' without making it durable.`,
      looksLike: 'transient-exchange',
      show: [declare],
      wrong: { event: declare, instead: 'durable: true, so that the exchange and its bindings survive a restart' },
    }
  )
}
