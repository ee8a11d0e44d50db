import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { visibleLines } from '../text/visible.ts'
import type { Command } from './command.ts'

/** The commands by name, each loaded only when it is asked for. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  lab: async () => (await import('./lab.ts')).lab,
  check: async () => (await import('./check.ts')).check,
  grade: async () => (await import('./grade.ts')).grade,
  grader: async () => (await import('./grader.ts')).grader,
  'student-edition': async () => (await import('./student-edition.ts')).studentEdition,
  compare: async () => (await import('./compare.ts')).compare,
  send: async () => (await import('./send.ts')).send,
  broker: async () => (await import('./broker.ts')).broker,
  doctor: async () => (await import('./doctor.ts')).doctor,
  prove: async () => (await import('./prove.ts')).prove,
  architecture: async () => (await import('./architecture.ts')).architecture,
  bench: async () => (await import('./bench.ts')).bench,
  web: async () => (await import('./web.ts')).web,
  new: async () => (await import('./new.ts')).create,
}

/** Parses nothing but the command's name; resolves with the exit code. */
export async function run(argv: string[], io: Io = process): Promise<number> {
  const [name = 'lab', ...args] = argv
  try {
    const load = COMMANDS[name]
    if (!load)
      throw new LabError('usage', `There is no command '${name}'.`, {
        advice: `There are: ${Object.keys(COMMANDS).join(', ')}.`,
      })
    return await (await load())(args, io)
  } catch (error) {
    if (error instanceof LabError) {
      const words = [error.message, ...(error.advice === undefined ? [] : [error.advice])]
      io.stderr.write(words.map((each) => `${visibleLines(each)}\n`).join(''))
      return 2
    }
    throw error
  }
}
