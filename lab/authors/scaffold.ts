import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { loadCheck } from '../check/load.ts'
import { misconceptionsOf } from '../check/misconceptions.ts'
import { LabError } from '../errors.ts'
import { LESSON_NAME } from '../lessons/lesson.ts'
import { mistakesOf } from './mistakes.ts'

const TEMPLATE = join(import.meta.dirname, 'template')

/** Where the parts of a lesson go, by their place in the template. */
const PARTS = { lesson: 'lessons', solution: 'solutions', check: 'checks' }

/**
 * Makes a new lesson that can be proven as it is, to be filled with what it teaches.
 *
 * @param name 'NN-slug'
 * @returns the files that it wrote, from the project's root
 * @throws LabError 'usage' where the name is no lesson's, or is taken
 */
export async function newLesson(root: string, name: string): Promise<string[]> {
  if (!LESSON_NAME.test(name)) {
    throw new LabError('usage', `'${name}' can't be a lesson's name.`, {
      advice: 'A name is two digits, a hyphen and a few words, such as 15-streams.',
    })
  }
  const mistake = { path: join('mistakes', name, 'greets-twice.ts'), text: await template('mistake.ts.template') }
  const parts = await Promise.all(
    Object.entries(PARTS).map(async ([part, folder]) =>
      Promise.all(
        (await readdir(join(TEMPLATE, part))).map(async (file) => ({
          path: join(folder, name, file.replace(/\.template$/, '')),
          text: (await template(join(part, file))).replaceAll('NN-slug', name),
        })),
      ),
    ),
  )
  const files = [...parts.flat(), mistake]
  for (const { path, text } of files) await writeNew(root, path, text)
  return files.map(({ path }) => path)
}

/**
 * Begins a mistake as a copy of the solution, or of a variant; called again when it has been edited, makes it the edit
 * that it is.
 *
 * @param of a variant's name, without its ending; undefined for the solution
 * @returns the file, from the project's root, and whether it is done: made into a diff
 * @throws LabError 'usage' where it is there already as a diff, or was not edited yet
 */
export async function newMistake(
  root: string,
  lesson: string,
  name: string,
  of?: string,
): Promise<{ path: string; isDone: boolean }> {
  const path = join('mistakes', lesson, `${name}.ts`)
  const begun = (await mistakesOf(root, lesson)).find((mistake) => mistake.name === name)
  if (begun?.path === join(root, path)) return makeDiff(root, lesson, path, begun.of)
  if (begun) {
    throw new LabError('usage', `There is already a mistake '${name}'.`, {
      advice: `Edit ${begun.path}, or choose another name.`,
    })
  }
  const base = of === undefined ? `solutions/${lesson}/exercise.ts` : `variants/${lesson}/${of}.ts`
  const { expectations } = await loadCheck(lesson, root)
  const header = [
    ...expectations.map(({ title }) => `// expectation: ${title}`),
    ...Object.keys(misconceptionsOf(lesson, root)).map((id) => `// misconception: ${id}`),
    '// frame: basic.ack',
    ...(of === undefined ? [] : [`// of: ${base}`]),
  ]
  const source = await readFile(join(root, base), 'utf8').catch(() => {
    throw new LabError('usage', `There is no ${base}.`, { advice: `ls variants/${lesson} shows the variants.` })
  })
  await writeNew(root, path, `${header.join('\n')}\n\n${source}`)
  return { path, isDone: false }
}

async function makeDiff(root: string, lesson: string, path: string, of: string | undefined) {
  const base = of ?? `solutions/${lesson}/exercise.ts`
  const lines = (await readFile(join(root, path), 'utf8')).split('\n')
  const start = lines.findIndex((line) => !/^\/\/ [a-z]+: /.test(line))
  const source = lines.slice(start).join('\n').replace(/^\n+/, '')
  const right = await readFile(join(root, base), 'utf8')
  if (source === right) {
    throw new LabError('usage', `${path} is the same as ${base}.`, {
      advice: 'Edit it, keep one expectation line and one misconception line, and run this again.',
    })
  }
  const patch = createTwoFilesPatch('exercise.ts', 'exercise.ts', right, source).split('\n').slice(1).join('\n')
  const diff = path.replace(/\.ts$/, '.diff')
  await writeNew(root, diff, `${lines.slice(0, start).join('\n')}\n${patch}`)
  await rm(join(root, path))
  return { path: diff, isDone: true }
}

function template(name: string): Promise<string> {
  return readFile(join(TEMPLATE, name), 'utf8')
}

/** Never writes over a file. */
async function writeNew(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
    throw new LabError('usage', `${path} already exists.`, {
      advice: 'Choose another name, or move the file away first.',
    })
  })
}
