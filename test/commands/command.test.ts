import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { command, type Given } from '../../lab/commands/command.ts'
import { count, flag, oneOf, path, usageError } from '../../lab/commands/options.ts'
import type { Io } from '../../lab/io.ts'

const OPTIONS = {
  loud: flag('say it loudly'),
  to: path('FILE', 'where to'),
  times: count('how often', { most: 9 }),
  colour: oneOf('colour', ['red', 'blue'], 'in which colour'),
}

function io(): Io & { printed: () => string } {
  const stdout = new PassThrough()
  return {
    stdin: process.stdin,
    stdout,
    stderr: new PassThrough(),
    env: {},
    printed: () => String(stdout.read() ?? ''),
  }
}

async function given(...args: string[]): Promise<Given<typeof OPTIONS>> {
  let seen: Given<typeof OPTIONS> | undefined
  const greet = command({
    usage: 'npm run greet -- [NAME ...]',
    options: OPTIONS,
    takesWords: true,
    run: async (all) => {
      seen = all
      return 0
    },
  })
  expect(await greet(args, io())).toBe(0)
  return seen as Given<typeof OPTIONS>
}

test('what is not given is undefined, and a flag false', async () => {
  expect(await given()).toEqual({ values: { loud: false }, words: [] })
})

test('values stand behind their option or its =, and words anywhere', async () => {
  const expected = { values: { loud: true, to: 'a b', times: 3, colour: 'red' }, words: ['ada', 'bob'] }
  expect(await given('ada', '--times', '3', '--loud', '--to', 'a b', '--colour', 'red', 'bob')).toEqual(expected)
  expect(await given('--times=3', 'ada', '--to=a b', '--loud', '--colour=red', 'bob')).toEqual(expected)
})

test('behind -- all are words, and a value that begins with - stands behind =', async () => {
  expect(await given('--to=-', '--', '--loud')).toEqual({ values: { loud: false, to: '-' }, words: ['--loud'] })
})

test('the last of several counts', async () => {
  expect((await given('--times', '3', '--times', '4')).values.times).toBe(4)
})

test('--help prints the usage, the notes, and what each option does', async () => {
  const out = io()
  const greet = command({ usage: 'npm run greet --', notes: 'A note.', options: OPTIONS, run: async () => 7 })
  expect(await greet(['--help'], out)).toBe(0)
  expect(out.printed()).toBe(`Usage: npm run greet -- [--loud] [--to FILE] [--times N] [--colour red|blue]
A note.

  --loud             say it loudly
  --to FILE          where to
  --times N          how often
  --colour red|blue  in which colour
  --help             show this help
`)
})

test('a usage error of the command itself gets the usage, too; other errors stay as they are', async () => {
  const failing = (error: Error) => command({ usage: 'npm run greet', options: {}, run: () => Promise.reject(error) })
  const told = await failing(usageError('Say whom.'))([], io()).catch((error: unknown) => error)
  expect(told).toMatchObject({ code: 'usage', message: 'Say whom.', advice: 'Usage: npm run greet' })
  const other = new Error('no greeting')
  await expect(failing(other)([], io())).rejects.toBe(other)
})
