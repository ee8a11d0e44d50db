import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from '../../lab/check/stage.ts'
import { type Connection, connections, isOpenAt } from '../../lab/recording/connections.ts'
import { outstanding } from '../../lab/recording/outstanding.ts'
import { Patience } from '../../lab/recording/patience.ts'
import type { RecordedEvent } from '../../lab/recording/recording.ts'
import { QUEUE } from '../shared/service-scenarios.ts'

/** What the service has at the broker, while a scenario is played. */

/** The broker, too, takes its time to notice a dead link. */
export async function hasOneOfEach({ observer, wire }: Stage): Promise<boolean> {
  const patience = new Patience(10_000)
  for (;;) {
    const { consumers } = await observer.queue(QUEUE)
    if (consumers === 1 && wire.openConnections() === 1) return true
    if (patience.isOver) return false
    await sleep(50)
  }
}

/** Whether the broker waits for an answer to what it has sent on the connections that are open now. */
export function isAnythingUnacked({ recorder }: Stage): boolean {
  const open = connections(recorder).filter((each) => isOpenAt(each, recorder.now()))
  return outstanding(recorder).left.some(({ connection }) => open.some((each) => each.connection === connection))
}

/** It has agreed on a heartbeat that notices a dead link soon. */
export function hasHeartbeat(connection: Connection | undefined): boolean {
  return connection?.heartbeat === 1 || connection?.heartbeat === 2
}

/** An attempt to connect, or a new channel or consumer on the connection that is there. */
export function isSign(event: RecordedEvent): boolean {
  if (event.kind === 'told') return event.name === 'attempt'
  return event.kind === 'frame' && event.from === 'student' && /^(channel\.open|basic\.consume)$/.test(event.method)
}
