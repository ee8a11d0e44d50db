import type { Stage } from '../../lab/check/stage.ts'
import { frames } from '../../lab/recording/ask.ts'
import { isJsonOf } from './views.ts'

/** What the lab itself does at the broker, past the exercise. */

/** Without an exchange of the exercise's making there is nowhere to publish to, and nothing to bind to. */
export function hasExchange({ recorder }: Stage, exchange: string): boolean {
  return frames(recorder, 'exchange.declare').some(({ fields }) => fields.exchange === exchange)
}

/** Looks into the queues that the exercise has declared, but for its `own`: an event may wait there, or be set aside. */
export async function isElsewhere({ recorder, observer }: Stage, own: unknown, payload: unknown): Promise<boolean> {
  const declared = new Set(frames(recorder, 'queue.declare-ok').map(({ fields }) => String(fields.queue)))
  for (const queue of declared) {
    if (queue === own) continue
    const { exists, locked } = await observer.queue(queue)
    if (exists && !locked && (await observer.drain(queue)).some((task) => isJsonOf(task, payload))) return true
  }
  return false
}
