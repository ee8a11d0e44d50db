import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, Replies } from 'amqplib'
import { drive } from '../../student/drive.ts'
import { type Settings, work } from './worker.ts'

interface RetryOptions {
  delayMs: number
  timeoutMs: number
  onRetry(error: Error, attempt: number): void
}

interface Exercise {
  connectToAny(urls: string[], options: RetryOptions): Promise<ChannelModel>
  declareReplicatedQueue(channel: Channel, queue: string): Promise<Replies.AssertQueue>
}

const DELAY_MS = 1000

/** Makes a service of lesson 14's functions: it takes tasks from a replicated queue, and goes to another node when it loses its own. */
export default drive<Exercise>({
  exports: ['connectToAny', 'declareReplicatedQueue'],
  calls: {
    async run(exercise, settings: Settings) {
      process.once('SIGINT', () => {
        console.log('Exiting consumer')
        process.exit(0)
      })
      for (;;) {
        const connection = await exercise.connectToAny(settings.urls, {
          delayMs: DELAY_MS,
          timeoutMs: 5000,
          onRetry: (error, attempt) => console.log(` [!] Attempt ${attempt} failed: ${error.message || error.name}`),
        })
        const lost = new Promise<void>((resolve) => connection.once('close', () => resolve()))
        connection.on('error', (error: Error) => console.log(` [!] The connection is lost: ${error.message}`))
        // Its channel may be refused, or be lost with the node: either way another connection follows.
        await consume(exercise, connection, settings).catch(async (error: Error) => {
          console.log(` [!] Not consuming: ${error.message}`)
          await sleep(DELAY_MS)
          connection.close().catch(() => {})
        })
        await lost
        console.log(' [*] Looking for another node')
      }
    },
  },
})

async function consume(exercise: Exercise, connection: ChannelModel, settings: Settings): Promise<void> {
  const channel = await connection.createChannel()
  channel.on('error', (error: Error) => console.log(` [!] The channel is closed: ${error.message}`))
  await exercise.declareReplicatedQueue(channel, settings.queue)
  await channel.prefetch(1)
  let isOpen = true
  channel.once('close', () => {
    isOpen = false
  })
  await channel.consume(settings.queue, async (message) => {
    // The broker has cancelled the consumer: with the connection another comes.
    if (message === null) return void connection.close().catch(() => {})
    await work(message.content.toString('utf8'), settings)
    if (isOpen) channel.ack(message)
  })
  console.log(' [*] Waiting for messages')
}
