import { type Delivery, deliveries } from './deliveries.ts'
import type { Recording, ToldEvent } from './recording.ts'
import { type Settlement, settlements } from './settlements.ts'

export interface EarlyAck {
  task: string
  delivery: Delivery
  settlement: Settlement
  /** The end of the work that came too late. Missing: it never came. */
  done?: ToldEvent
}

export interface DoneOptions {
  /** Which 'told' events mark the end of the work. Default: those named 'done'. */
  isDone?: (event: ToldEvent) => boolean
  /** Which task such an event is about. Default: `data.task`. */
  taskOf?: (event: ToldEvent) => unknown
}

/**
 * Acks that came before the work on their delivery was done. A task that was delivered n times needs its n-th end of
 * the work for the n-th ack. The service sends its ack after its handler has told the lab, but the two come by
 * different ways: an ack is early only where the end of the work is told later than `slackMs` after it, or never.
 */
export function acksBeforeDone(
  recording: Pick<Recording, 'events'>,
  options: DoneOptions & { slackMs?: number } = {},
): EarlyAck[] {
  const { isDone = ({ name }) => name === 'done', taskOf = taskInData, slackMs = 0 } = options
  const done = new Map<string, ToldEvent[]>()
  for (const event of recording.events) {
    if (event.kind !== 'told' || !isDone(event)) continue
    const task = String(taskOf(event))
    done.set(task, [...(done.get(task) ?? []), event])
  }
  const place = (at: { connection: number; channel: number }, tag: unknown) => `${at.connection}/${at.channel}/${tag}`
  const delivered = Map.groupBy(deliveries(recording), (delivery) => place(delivery, delivery.deliveryTag))
  const acked = new Map<string, number>()
  const early: EarlyAck[] = []
  for (const settlement of settlements(recording)) {
    if (settlement.kind !== 'ack') continue
    for (const tag of settlement.tags) {
      // A tag is used again when its channel is opened anew: the delivery that is meant is the last one before the ack.
      const delivery = delivered.get(place(settlement, tag))?.findLast(({ ms }) => ms <= settlement.ms)
      if (delivery === undefined) continue
      const task = delivery.body
      const nth = acked.get(task) ?? 0
      acked.set(task, nth + 1)
      const end = done.get(task)?.[nth]
      if (end !== undefined && end.ms <= settlement.ms + slackMs) continue
      early.push({ task, delivery, settlement, ...(end && { done: end }) })
    }
  }
  return early
}

function taskInData({ data }: ToldEvent): unknown {
  return (data as { task?: unknown } | null)?.task
}
