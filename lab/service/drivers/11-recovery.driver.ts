import { drive } from '../../student/drive.ts'
import { type Settings, work } from './worker.ts'

interface Config {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
}

interface Exercise {
  startResilientService(
    config: Config,
    handle: (task: string) => Promise<void>,
  ): { ready: Promise<void>; stop(): Promise<void> }
}

/** Runs lesson 11's service as its own program would: until SIGINT or SIGTERM. */
export default drive<Exercise>({
  exports: ['startResilientService'],
  calls: {
    async run(exercise, settings: Settings) {
      const config = { amqpUrl: settings.url, queue: settings.queue, prefetch: 1, retryDelayMs: 1000 }
      const service = exercise.startResilientService(config, (task) => work(task, settings))
      const leave = async () => {
        await service.stop()
        console.log('Exiting consumer')
        process.exit(0)
      }
      process.once('SIGINT', () => void leave())
      process.once('SIGTERM', () => void leave())
      await service.ready
      console.log(' [*] Waiting for messages')
    },
  },
})
