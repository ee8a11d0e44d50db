import { limitsOfQueues, published, type Recording, type Shortfall } from '../../lab/check/evidence.ts'
import { ENDS } from './evidence.ts'
import { argumentsOf } from './queues.ts'
import { dead } from './scenarios.ts'

/** What a task waits in, or is set aside in, has no limit but the delay. */

/** A queue of tasks that is limited in time or number, or a copy with a time limit in a queue that is no waiting room. */
export function limited(recording: Recording): Shortfall | undefined {
  const isRoom = (queue: string) => !ENDS.includes(queue) && !ENDS.map(dead).includes(queue)
  const limit = limitsOfQueues(recording).find(
    ({ argument, declare, queue }) =>
      argument !== 'x-message-ttl' || !isRoom(queue) || !('x-dead-letter-exchange' in argumentsOf(declare)),
  )
  if (limit) {
    const { declare, queue, argument, value, does } = limit
    return {
      seen: `Your service declared '${queue}' with ${argument} set to ${value}: ${does}.`,
      looksLike: 'does-not-keep',
      show: [declare],
      wrong: { event: declare, instead: `without ${argument}` },
    }
  }
  const copy = published(recording).find(
    ({ exchange, routingKey, properties }) =>
      exchange === '' && properties.expiration !== undefined && !isRoom(routingKey),
  )
  return (
    copy && {
      seen: `Your service published a copy to '${copy.routingKey}' with an expiration of ${copy.properties.expiration} ms, so the broker removes the copy after that time.`,
      looksLike: 'does-not-keep',
      show: [copy.frame],
      wrong: {
        event: copy.frame,
        instead: 'no expiration, because only the retry delay may limit how long a task waits',
      },
    }
  )
}
