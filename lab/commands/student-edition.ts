import { execFileSync } from 'node:child_process'
import { relative, resolve } from 'node:path'
import { LabError } from '../errors.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import { ROOT } from '../root.ts'
import { studentEdition as editionOf, NO_SOLUTIONS } from '../which-edition.ts'
import { command } from './command.ts'
import { flag, usageError } from './options.ts'

/** `npm run student-edition`: the lab as students get it, in a folder of its own. */
export const studentEdition = command({
  usage: 'npm run student-edition -- DIR',
  options: { strict: flag('leave out the stand-ins, so that a lesson needs the earlier exercises that it builds on') },
  takesWords: true,
  async run({ values: { strict }, words: [dir, ...more] }, io) {
    if (dir === undefined || more.length > 0) throw usageError('Name exactly one folder to write it to.')
    if (editionOf(ROOT)) throw new LabError('no-solutions', NO_SOLUTIONS, { advice: 'Run this in the full lab.' })
    const { writeStudentEdition } = await import('../edition/write.ts')
    const here = io.env.INIT_CWD ?? process.cwd()
    const target = resolve(here, dir)
    const lessons = await catalogue(ROOT)
    const files = await writeStudentEdition({ root: ROOT, target, lessons, strict, commit: commitOf(ROOT) })
    const shown = relative(here, target) || '.'
    io.stdout.write(
      `The students' edition is in ${shown}: ${files} files, ${strict ? 'no stand-ins' : 'with packed stand-ins'}.\n`,
    )
    io.stdout.write('It has no history. Try it (npm ci && npm run lab), then turn it into its own repository.\n')
    return 0
  },
})

/** Null where this is no checkout, or where it has changes that no commit has. */
function commitOf(root: string): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return git('status', '--porcelain') === '' ? git('rev-parse', 'HEAD') : null
  } catch {
    return null
  }
}
