import type { Channel } from 'amqplib'
import { consumeTasks, type TaskHandler } from '../04-ack-consumer/exercise.ts'

/** The two calls go out one behind the other, and the broker takes them in this order: only the second is awaited. */
export const consumeFairly = (channel: Channel, queue: string, handle: TaskHandler, prefetch: number) =>
  Promise.all([channel.prefetch(prefetch), consumeTasks(channel, queue, handle)]).then(([, consumerTag]) => consumerTag)
