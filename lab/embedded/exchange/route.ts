import type { Queue } from '../queue/queue.ts'
import type { Exchange } from './exchange.ts'

/** Where messages can come to. */
export interface Destinations {
  readonly exchanges: ReadonlyMap<string, Exchange>
  readonly queues: ReadonlyMap<string, Queue>
}

/**
 * Which queues a message comes to, each once: by the bindings of its exchange, of those exchanges that these lead to,
 * and of the alternate exchange wherever nothing fits. Exchanges may be bound in circles: each is asked once.
 */
export function route(
  vhost: Destinations,
  exchange: Exchange,
  routingKeys: readonly string[],
  rawProperties: Buffer,
): Set<Queue> {
  const queues = new Set<Queue>()
  const exchanges = new Set([exchange])
  // What is added while the loop runs is visited, too.
  for (const each of exchanges) {
    let fits = false
    for (const routingKey of routingKeys) {
      if (each.name === '') {
        const queue = vhost.queues.get(routingKey)
        if (queue !== undefined) queues.add(queue)
        fits ||= queue !== undefined
      } else {
        each.match({ routingKey, rawProperties }, ({ destination }) => {
          fits = true
          if (destination.kind === 'queue') {
            const queue = vhost.queues.get(destination.name)
            if (queue !== undefined) queues.add(queue)
          } else {
            const next = vhost.exchanges.get(destination.name)
            if (next !== undefined) exchanges.add(next)
          }
        })
      }
    }
    const alternate = fits || each.alternate === undefined ? undefined : vhost.exchanges.get(each.alternate)
    if (alternate !== undefined) exchanges.add(alternate)
  }
  return queues
}
