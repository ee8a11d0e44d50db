import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LabError } from '../errors.ts'
import { DETAILS } from '../grade/graded.ts'
import { DEFAULT_RUBRIC_TEXT } from '../grade/points/default-rubric.ts'
import { shardNamed } from '../grade/which-lessons.ts'
import type { Io } from '../io.ts'
import { SANDBOXES } from '../sandbox/found.ts'
import { command } from './command.ts'
import { gradeClass } from './grade/grade-class.ts'
import { mergeClass } from './grade/merge.ts'
import { BROKER, count, flag, oneOf, path, text, usageError, type Values } from './options.ts'

const OPTIONS = {
  out: path('OUT', 'where the results go; by default grades/'),
  lessons: text('LESSONS', 'lessons', 'which: 1-7, or 4, or 1-3,8; by default all'),
  rubric: path('FILE', 'what the points come from; --init writes one'),
  students: path('FILE', 'a CSV of the students: id, name, email, section'),
  submitted: path('FILE', 'a CSV of when each was handed in: id, submitted; by default the time of the file'),
  details: oneOf('degree of detail', DETAILS, 'what students get to see; by default what failed'),
  sandbox: oneOf('sandbox', ['auto', ...SANDBOXES, 'none'], 'what submissions run in; by default the first that works'),
  broker: BROKER,
  timeout: count('how many seconds the check of a lesson may take'),
  shard: text('N/M', 'a share', 'judge only this share of the class: 2/5 is the second of five'),
  merge: flag('join the results of other folders: npm run grade -- --merge OUT OUT ...'),
  init: flag('write rubric.yaml, with every setting explained, and end'),
}

export type GradeOptions = Values<typeof OPTIONS>

/** `npm run grade`: a whole class. Exit code 0 every submission was judged, 2 anything else. */
export const grade = command({
  usage: 'npm run grade -- DIR',
  notes: 'DIR has one folder or one zip for each submission in it, or is one zip of all.',
  options: OPTIONS,
  takesWords: true,
  async run({ values, words }, io) {
    const { init, merge, shard } = values
    const here = io.env.INIT_CWD ?? process.cwd()
    if (init) return await writeRubric(resolve(here, values.rubric ?? 'rubric.yaml'), words, io)
    if (shard !== undefined && shardNamed(shard) === undefined)
      throw usageError(`--shard takes a share such as 2/5, not '${shard}'.`)
    if (merge) {
      if (words.length === 0) throw usageError('Say which folders of results to join.')
      if (shard !== undefined) throw usageError('--merge and --shard do not go together.')
      return await mergeClass(words.map((folder) => resolve(here, folder)), values, here, io)
    }
    const [dir, ...more] = words
    if (dir === undefined || more.length > 0) throw usageError('Say which folder has the submissions, and one only.')
    return await gradeClass(resolve(here, dir), values, here, io)
  },
})

async function writeRubric(file: string, words: string[], io: Io): Promise<number> {
  if (words.length > 0) throw usageError('--init takes no folder.')
  if (existsSync(file)) {
    throw new LabError('rubric-there', `${file} is there already.`, { advice: 'Give another file with --rubric FILE.' })
  }
  await writeFile(file, DEFAULT_RUBRIC_TEXT)
  io.stdout.write(`The default rubric is in ${file}. Change it, and say --rubric ${file}.\n`)
  return 0
}
