import { drive } from '../lab/student/drive.ts'

/** What the lab can ask of lesson 05's exercise, where it is imported. The program itself needs no driver. */

interface Exercise {
  loadConfig(env: NodeJS.ProcessEnv): unknown
}

export default drive<Exercise>({
  exports: ['loadConfig'],
  calls: {
    /** In an object of its own: a promise would be awaited, and nobody would see that it was one. */
    load(exercise, args: { env: Record<string, string> }) {
      const config = exercise.loadConfig(args.env)
      return { config, isPromise: config instanceof Promise }
    },
  },
})
