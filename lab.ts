import { run } from './lab/commands/run.ts'

/** The one place where the process is told how it ends. */
process.exitCode = await run(process.argv.slice(2))
