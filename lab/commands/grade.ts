import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LabError } from '../errors.ts'
import { DEFAULT_RUBRIC_TEXT } from '../grade/points/default-rubric.ts'
import { shardNamed } from '../grade/which-lessons.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { gradeClass } from './grade/grade-class.ts'
import { mergeClass } from './grade/merge.ts'
import { GRADE_OPTIONS } from './grade/options.ts'
import { usageError } from './options.ts'

/** `npm run grade`: a whole class. Exit code 0 every submission was judged, 2 anything else. */
export const grade = command({
  usage: 'npm run grade -- DIR',
  notes: 'DIR is a folder that contains a folder or a zip for each submission, or a single zip of all of them.',
  options: GRADE_OPTIONS,
  takesWords: true,
  async run({ values, words }, io) {
    const { init, merge, shard } = values
    const here = io.env.INIT_CWD ?? process.cwd()
    if (init) return await writeRubric(resolve(here, values.rubric ?? 'rubric.yaml'), words, io)
    if (shard !== undefined && shardNamed(shard) === undefined)
      throw usageError(`--shard takes a share such as 2/5, not '${shard}'.`)
    if (merge) {
      if (words.length === 0) throw usageError('Name the folders of results to join.')
      if (shard !== undefined) throw usageError("--merge can't be combined with --shard.")
      return await mergeClass(
        words.map((folder) => resolve(here, folder)),
        values,
        here,
        io,
      )
    }
    if (values.queue !== undefined && values.sandbox !== undefined) {
      throw usageError('With --queue, the graders choose the sandbox: npm run grader -- --queue URL --sandbox ...')
    }
    const [dir, ...more] = words
    if (dir === undefined || more.length > 0) throw usageError('Name exactly one folder with the submissions.')
    return await gradeClass(resolve(here, dir), values, here, io)
  },
})

async function writeRubric(file: string, words: string[], io: Io): Promise<number> {
  if (words.length > 0) throw usageError("--init doesn't take a folder.")
  if (existsSync(file)) {
    throw new LabError('rubric-there', `${file} already exists.`, { advice: 'Give another file with --rubric FILE.' })
  }
  await writeFile(file, DEFAULT_RUBRIC_TEXT)
  io.stdout.write(`The default rubric is in ${file}. Edit it, and pass --rubric ${file}.\n`)
  return 0
}
