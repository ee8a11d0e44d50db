import type { Channel, ChannelModel, Replies } from 'amqplib'
import { connectWithRetry, type RetryOptions } from '../02-retrying-connection/exercise.ts'

/**
 * Connects to any of these nodes that is up. The `options` are the same as in lesson 02.
 *
 * So far, it tries only the first node.
 */
export async function connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel> {
  return connectWithRetry(urls[0] ?? '', options)
}

/** Declares a queue that survives the loss of a node. So far, it's lesson 03's queue. */
export async function declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue> {
  return channel.assertQueue(queue, { durable: true })
}
