/** What a check's evidence is made of: questions to recordings, and the shortfall that answers them. */
export * from '../recording/ask.ts'
export { type Connection, connections, isOpenAt, waits } from '../recording/connections.ts'
export { type Delivery, deliveries } from '../recording/deliveries.ts'
export { limitsOfQueues, type QueueLimit } from '../recording/limits-of-queues.ts'
export type { Events } from '../recording/once.ts'
export { inOrder, isBefore, placeIn } from '../recording/order.ts'
export { outOfOrder, output, printed, textOf } from '../recording/output.ts'
export { outstanding } from '../recording/outstanding.ts'
export { type Published, published } from '../recording/published.ts'
export type {
  BrokerEvent,
  FrameEvent,
  ProcessEvent,
  RecordedEvent,
  Recording,
  ToldEvent,
} from '../recording/recording.ts'
export { type Settlement, settlements } from '../recording/settlements.ts'
export { during, since, until } from '../recording/span.ts'
export { type Ack, type Attempt, type Finish, tasks } from '../recording/tasks.ts'
export * from './shortfall.ts'
