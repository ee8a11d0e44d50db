import { inspect } from 'node:util'
import { drive } from '../../lab/student/drive.ts'

/** What the lab can ask of lesson 05's exercise, where it is imported. The program itself needs no driver. */

interface Exercise {
  loadConfig(env: NodeJS.ProcessEnv): unknown
}

const SETTINGS = ['amqpUrl', 'queue', 'prefetch', 'retryDelayMs']

export default drive<Exercise>({
  exports: ['loadConfig'],
  calls: {
    /** The signals that somebody listens for. */
    signals: () => ['SIGINT', 'SIGTERM'].filter((signal) => process.listenerCount(signal) > 0),
    /** Tells the settings, or what was thrown: its message, and all of it, as a cause may say more. */
    load(exercise, args: { env: Record<string, string> }) {
      let config: unknown
      try {
        config = exercise.loadConfig(args.env)
      } catch (error) {
        return { threw: { message: String((error as Error)?.message ?? error), all: inspect(error) } }
      }
      // Here, and not in what is returned: that would be awaited, and nobody would see that it was a promise.
      if (config instanceof Promise) return { isPromise: true }
      return { config: Object.fromEntries(SETTINGS.map((name) => [name, plain(Object(config)[name])])) }
    },
  },
})

/** JSON has no NaN. */
function plain(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
