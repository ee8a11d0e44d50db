import { newLesson, newMistake } from '../authors/scaffold.ts'
import { findLesson, lessons } from '../lessons/catalogue.ts'
import { ROOT } from '../root.ts'
import { command } from './command.ts'
import { text, usageError } from './options.ts'

/** `npm run new`: begins a mistake or a lesson; see docs/authors.md. */
export const create = command({
  usage: 'npm run new -- mistake LESSON NAME | lesson NN-slug',
  options: { of: text('VARIANT', "a variant's name", 'start the mistake from this variant') },
  takesWords: true,
  async run({ values: { of }, words }, { stdout }) {
    const [what, first, name, ...rest] = words
    if (what === 'lesson' && first !== undefined && name === undefined) {
      const files = await newLesson(ROOT, first)
      stdout.write(`${files.join('\n')}\n\nProve it: npm run test:authors -- ${first.slice(0, 2)} --broker embedded\n`)
      return 0
    }
    if (what !== 'mistake' || first === undefined || name === undefined || rest.length > 0) {
      throw usageError('Name a lesson and a new mistake, or a new lesson.')
    }
    const lesson = findLesson(await lessons(ROOT), first)
    const { path, isDone } = await newMistake(ROOT, lesson.name, name, of)
    stdout.write(`${path}\n\n`)
    stdout.write(
      isDone
        ? `Prove it: npm run test:authors -- ${first} --broker embedded --only ${name}\n`
        : 'Keep one expectation and one misconception, break the code, and run this again: the file becomes a diff.\n',
    )
    return 0
  },
})
