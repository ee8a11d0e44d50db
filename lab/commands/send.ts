import { parseArgs } from 'node:util'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { runsFolder } from './running.ts'

/** `npm run send -- 'a task..'`: puts tasks into the queue of the service that runs in another terminal. Exit code 0 or 2. */
export async function send(args: string[], io: Io): Promise<number> {
  const { tasks, times } = parse(args)
  const [{ announced }, { sendToRun }] = await Promise.all([
    import('../service/runs.ts'),
    import('../service/send-to-run.ts'),
  ])
  const state = runsFolder(io.env)
  const list = Array.from({ length: times }, () => tasks).flat()
  for (const run of announced(state)) {
    const sent = await sendToRun(state, run, list)
    if (sent === undefined) continue
    io.stdout.write(`${sent}\n`)
    return 0
  }
  throw new LabError('no-run', 'No service is running that could get it.', {
    advice: "Start one in another terminal: npm run lab, then a lesson (04 or later), then 'run'.",
  })
}

function parse(args: string[]): { tasks: string[]; times: number } {
  const usage = "Say the task: npm run send -- 'a task..'  Several are several tasks; --times 5 sends them five times."
  try {
    const { values, positionals } = parseArgs({ args, options: { times: { type: 'string' } }, allowPositionals: true })
    const times = Number(values.times ?? 1)
    if (!Number.isInteger(times) || times < 1 || times > MOST_TIMES) {
      throw new Error(`--times takes a whole number from 1 to ${MOST_TIMES}, not '${values.times}'.`)
    }
    if (positionals.length === 0) throw new Error('There is no task to send.')
    return { tasks: positionals, times }
  } catch (error) {
    throw new LabError('usage', (error as Error).message, { advice: usage })
  }
}

const MOST_TIMES = 10_000
