import { drive } from '../../student/drive.ts'
import { configOf, type ServiceConfig, type Settings, work } from './worker.ts'

interface Exercise {
  startResilientService(
    config: ServiceConfig,
    handle: (task: string) => Promise<void>,
  ): { ready: Promise<void>; stop(): Promise<void> }
}

/** Runs lesson 11's service as its own program would: until SIGINT or SIGTERM. */
export default drive<Exercise>({
  exports: ['startResilientService'],
  calls: {
    async run(exercise, settings: Settings) {
      const service = exercise.startResilientService(configOf(settings), (task) => work(task, settings))
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
