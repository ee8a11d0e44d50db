import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { run } from '../../lab/commands/run.ts'
import { ROOT } from '../../lab/root.ts'
import { labCommand } from '../check/lab.ts'

/** Every command, and the npm script that its usage names. */
const COMMANDS = [
  ['lab', 'lab'],
  ['check', 'check'],
  ['grade', 'grade'],
  ['grader', 'grader'],
  ['student-edition', 'student-edition'],
  ['compare', 'compare'],
  ['send', 'send'],
  ['broker', 'broker'],
  ['doctor', 'doctor'],
  ['prove', 'test'],
  ['web', 'web'],
  ['new', 'new'],
  ['bench', 'bench'],
  ['architecture', 'architecture'],
] as const

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** A command of the lab in this process. */
async function ran(argv: string[]) {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })]
  const code = await run(argv, { stdin: new PassThrough(), stdout, stderr, env: {} })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

test('these are all commands', () => {
  const started = Object.values(scripts).flatMap((script) => /lab\/start\.mjs ([\w-]+)/.exec(script)?.[1] ?? [])
  expect(new Set(started)).toEqual(new Set(COMMANDS.map(([name]) => name)))
})

test.each(COMMANDS)('%s --help prints how it is used, and does nothing', async (name, script) => {
  const { code, stdout, stderr } = await ran([name, '--help', '--wat'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(script === 'test' ? /^Usage: npm test/ : new RegExp(`^Usage: npm run ${script}\\b`))
  expect(scripts[script]).toContain(`lab/start.mjs ${name}`)
})

test.each([
  ...COMMANDS.map(([name]) => [[name, '--wat'], "There is no option '--wat'."] as const),
  [['lab', 'wat'], "There is no action 'wat'."],
  [['lab', 'hint'], 'Name exactly one lesson.'],
  [['check', '--brokr', 'embedded'], "There is no option '--brokr'."],
  [['check', '--broker'], '--broker needs one of auto, container, native, embedded.'],
  [['check', '--tree', '--all'], '--tree needs a path.'],
  [['check', '--all=yes'], '--all takes no value.'],
  [['check', '--watch', '--json=no'], '--json takes no value.'],
  [['check', '-x'], "There is no option '-x'."],
  [
    ['check', '--from', 'a', '--record', 'b'],
    "--record plays the scenarios and --from doesn't, so use only one of them.",
  ],
  [['check', '--watch', '--from', 'a'], "--watch can't be combined with --json or --from."],
  [['check', '--times', 'often'], "--times takes a whole number from 1 on, not 'often'."],
  [['check', '--times', '9', '--watch'], "--times can't be combined with --watch, --verbose, --html or --from."],
  [['check', '--seed', '9'], '--seed works only with --times.'],
  [['broker', '--port', 'none'], "--port takes a whole number from 1 to 65535, not 'none'."],
  [['broker', '--port', '0'], "--port takes a whole number from 1 to 65535, not '0'."],
  [
    ['web', '--static', 'x', '--port', '80'],
    "--static writes files and listens on no port, so it can't be combined with --port.",
  ],
  [['bench', '--pairs', 'many'], "--pairs takes a whole number from 1 on, not 'many'."],
  [['bench', '--only', 'speed'], "There is no measurement 'speed'."],
  [['prove', '--broker', 'kafka'], "There is no broker 'kafka'."],
  [['prove', '--only', ''], '--only needs a name.'],
  [['grade'], 'Name exactly one folder with the submissions.'],
  [['grade', 'x', '--shard', '3/2'], "--shard takes a share such as 2/5, not '3/2'."],
  [['grader'], 'Pass the URL of the queue: --queue URL'],
  [
    ['grade', 'x', '--queue', 'amqp://x', '--sandbox', 'none'],
    'With --queue, the graders choose the sandbox: npm run grader -- --queue URL --sandbox ...',
  ],
  [['grade', '--merge'], 'Name the folders of results to join.'],
  [['student-edition'], 'Name exactly one folder to write it to.'],
  [['doctor', 'now'], "Unexpected argument 'now'."],
] as const)('%j ends with 2, and says what is wrong and which options there are', async (args, problem) => {
  const { code, stdout, stderr } = await ran([...args])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  const [first, second] = stderr.split('\n')
  expect(first).toBe(problem)
  expect(second).toMatch(/^Usage: npm /)
  expect(stderr).not.toMatch(/^\s+at /m)
})

test('a command that is not there: the error names those that are', async () => {
  const { code, stderr } = await labCommand(['wat'])
  expect(code).toBe(2)
  expect(stderr).toContain("There is no command 'wat'.\nThere are: lab, check, ")
})
