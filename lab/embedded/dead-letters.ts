import { type Destinations, route } from './exchange/route.ts'
import type { DeathReason } from './message/death.ts'
import { circles, dead } from './message/deaths.ts'
import type { Message } from './message/message.ts'
import { Deque } from './queue/deque.ts'
import type { Queue } from './queue/queue.ts'

interface Burial {
  queue: Queue
  message: Message
  reason: DeathReason
  failures: number
}

/**
 * Messages that died go on to the exchange that their queue names. What dies on the way, as the next queue is full,
 * waits for its turn, so that no chain of queues is too long.
 */
export class DeadLetters {
  readonly #vhost: Destinations
  readonly #waiting = new Deque<Burial>()
  #isBusy = false

  constructor(vhost: Destinations) {
    this.#vhost = vhost
  }

  add(burial: Burial): void {
    if (burial.queue.settings.deadLetterExchange === undefined) return
    this.#waiting.push(burial)
    if (this.#isBusy) return
    this.#isBusy = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#bury(next)
    this.#isBusy = false
  }

  #bury({ queue, message, reason, failures }: Burial): void {
    const { deadLetterExchange: name = '', deadLetterRoutingKey: routingKey } = queue.settings
    const exchange = this.#vhost.exchanges.get(name)
    if (exchange === undefined) return
    const letter = dead(message, queue.name, reason, { exchange: name, routingKey }, failures)
    for (const target of route(this.#vhost, exchange, [letter.routingKey, ...letter.cc], letter.rawProperties)) {
      if (circles(letter.deaths, target.name)) continue
      target.publish(letter)
      target.pump()
    }
  }
}
