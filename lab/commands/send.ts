import { LabError } from '../errors.ts'
import { command } from './command.ts'
import { count, usageError } from './options.ts'
import { runsFolder } from './running.ts'

/** `npm run send -- 'a task..'`: puts tasks into the queue of the service that runs in another terminal. Exit code 0 or 2. */
export const send = command({
  usage: "npm run send -- 'a task..' [...]",
  notes: 'Each word is a task: put quotes around one with spaces in it.',
  options: { times: count('send them all this many times', { most: 10_000 }) },
  takesWords: true,
  async run({ values: { times = 1 }, words: tasks }, io) {
    if (tasks.length === 0) throw usageError('There is no task to send.')
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
    throw new LabError('no-run', 'No service is running to receive it.', {
      advice: "Start one in another terminal: npm run lab, then a lesson (04 or later), then 'run'.",
    })
  },
})
