import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, connect } from 'amqplib'
import { drive } from '../../student/drive.ts'

interface Exercise {
  consumeTasks(channel: Channel, queue: string, handle: (task: string) => Promise<void>): Promise<string>
}

interface Settings {
  url: string
  queue: string
  prefetch: number
  dotMs: number
}

/** Makes a service of lesson 04's function: it connects, declares, and works a while for each dot of a task. */
export default drive<Exercise>({
  exports: ['consumeTasks'],
  calls: {
    async run(exercise, { url, queue, prefetch, dotMs }: Settings) {
      process.once('SIGINT', () => {
        console.log('Exiting consumer')
        process.exit(0)
      })
      const connection = await connect(url, { noDelay: true })
      connection.on('error', (error: Error) => console.error(`The connection is lost: ${error.message}`))
      // Nothing brings it back here: that is for lessons to come.
      connection.on('close', () => process.exit(1))
      const channel = await connection.createChannel()
      channel.on('error', (error: Error) => console.error(`The channel is closed: ${error.message}`))
      await channel.assertQueue(queue, { durable: true })
      await channel.prefetch(prefetch)
      await exercise.consumeTasks(channel, queue, async (task) => {
        console.log(` [x] Received ${task}`)
        await sleep((task.split('.').length - 1) * dotMs)
        console.log(' [x] Done')
      })
      console.log(' [*] Waiting for messages')
    },
  },
})
