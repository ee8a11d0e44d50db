import { availableParallelism } from 'node:os'
import { queueAddress } from '../grade/queue/address.ts'
import { runGrader } from '../grade/queue/grader.ts'
import { LabHashes } from '../grade/queue/lab-hashes.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import { ROOT } from '../root.ts'
import { findSandbox } from '../sandbox/find.ts'
import { SANDBOXES } from '../sandbox/found.ts'
import { visible } from '../text/visible.ts'
import { command } from './command.ts'
import { GraderMachine } from './grade/grader-machine.ts'
import { QUEUE } from './grade/options.ts'
import { sandboxNotice } from './grade/sandbox.ts'
import { untilInterrupted } from './interrupted.ts'
import { count, oneOf, usageError } from './options.ts'
import { startingLine } from './starting.ts'

const FEWEST = 2
const MOST = 8

/** `npm run grader`: one more machine for a `grade --queue` that runs elsewhere. Exit code 0 when it was asked to stop. */
export const grader = command({
  usage: 'npm run grader -- --queue URL',
  notes: 'On Ctrl-C or SIGTERM, it finishes what it is judging, and leaves the rest to other graders.',
  options: {
    queue: QUEUE,
    sandbox: oneOf(
      'sandbox',
      ['auto', ...SANDBOXES, 'none'],
      'the sandbox that submissions run in; by default the first that works',
    ),
    room: count('how many lessons to judge at a time; by default two for each core, at least 2 and at most 8', {
      most: 64,
    }),
  },
  async run({ values }, io) {
    if (values.queue === undefined) throw usageError('Pass the URL of the queue: --queue URL')
    const address = queueAddress(values.queue, io.env)
    using interrupted = untilInterrupted(['SIGINT', 'SIGTERM'])
    const all = await catalogue(ROOT)
    const sandbox = await findSandbox(values.sandbox ?? 'auto')
    const hashes = new LabHashes(
      ROOT,
      all.map(({ name }) => name),
    )
    const room = values.room ?? Math.min(MOST, Math.max(FEWEST, 2 * availableParallelism()))
    const tell = (text: string) => void io.stderr.write(`${visible(text)}\n`)
    tell(sandbox === null ? (sandboxNotice('none') ?? '') : `Submissions run in a sandbox: ${sandbox.text}.`)
    tell(`Judging up to ${room} lessons at a time from ${address.shown}, with version ${hashes.version} of the lab.`)
    await using machine = new GraderMachine(all, sandbox, startingLine(io.stderr).show)
    let judged = 0
    await runGrader({
      address,
      version: hashes.version,
      room,
      labHashOf: (lesson) => hashes.of(lesson),
      judge: (task) => machine.judge(task),
      signal: interrupted.signal,
      tell,
      onBegun: ({ key, lesson }) => tell(`${lesson} (${key.slice(0, 8)}): begun`),
      onAnswered(result) {
        const outcome = result.outcome === 'dead' ? result.reason : result.judgement.report.verdict
        const lesson = result.outcome === 'dead' ? 'a dead letter' : result.judgement.report.lesson
        judged++
        tell(`${lesson} (${result.key.slice(0, 8)}): ${outcome}`)
      },
    })
    tell(`Stopped after ${judged} ${judged === 1 ? 'lesson' : 'lessons'}.`)
    return 0
  },
})
