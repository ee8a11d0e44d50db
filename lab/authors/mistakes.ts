import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyPatch } from 'diff'
import { LabError } from '../errors.ts'

/** A plausible wrong exercise, and what the check must say of it. */
export interface Mistake {
  /** Its file's name: 'acks-at-once'. */
  name: string
  path: string
  /** The title of the expectation that it must fail first. */
  expectation: string
  /** The misconception's ID and its sentence, which the report must have. */
  misconception: string
  sentence: string
  /** The method of the row that the trace must mark as wrong; 'none' where there is none, undefined where nobody says. */
  frame: string | undefined
  /** The first series of RabbitMQ on which it is wrong: '4.0'. On an older one it is right. */
  from: string | undefined
  /** The whole exercise. */
  source: string
}

/** A right exercise in another style. */
export interface Variant {
  name: string
  path: string
  source: string
}

/**
 * The mistakes of a lesson: `NAME.ts`, or `NAME.diff` as a unified diff of the solution. Each begins with
 *
 *   // expectation: TITLE
 *   // misconception: ID, in a sentence
 *   // frame: basic.ack        the row of the trace that shows it; may be left out
 *   // from: 4.0               the first series of RabbitMQ on which it is wrong; may be left out
 */
export async function mistakesOf(root: string, lesson: string): Promise<Mistake[]> {
  const folder = join(root, 'mistakes', lesson)
  const files = (await names(folder)).filter((name) => /\.(ts|diff)$/.test(name))
  return Promise.all(files.map((file) => readMistake(root, lesson, join(folder, file), file)))
}

export async function variantsOf(root: string, lesson: string): Promise<Variant[]> {
  const folder = join(root, 'variants', lesson)
  const files = (await names(folder)).filter((name) => name.endsWith('.ts'))
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file)
      return { name: file.slice(0, -3), path, source: await readFile(path, 'utf8') }
    }),
  )
}

async function readMistake(root: string, lesson: string, path: string, file: string): Promise<Mistake> {
  const text = await readFile(path, 'utf8')
  const [first = '', second = '', ...rest] = text.split('\n')
  const optional = { frame: taken('frame', rest), from: taken('from', rest) }
  const expectation = /^\/\/ expectation: (.+)$/.exec(first.trim())?.[1]
  const [, misconception, sentence] = /^\/\/ misconception: ([a-z0-9-]+), (.+)$/.exec(second.trim()) ?? []
  if (!expectation || !misconception || !sentence) {
    throw new LabError('mistake-broken', `${path} does not say what is wrong with it.`, {
      advice: "Its first two lines must be '// expectation: TITLE' and '// misconception: ID, in a sentence'.",
    })
  }
  const source = file.endsWith('.diff') ? await patched(root, lesson, path, rest.join('\n')) : text
  return { name: file.replace(/\.(ts|diff)$/, ''), path, expectation, misconception, sentence, ...optional, source }
}

/** Takes the line '// NAME: VALUE' away, where the lines begin with it. */
function taken(name: string, lines: string[]): string | undefined {
  const [, value] = new RegExp(`^// ${name}: (\\S+)$`).exec(lines[0]?.trim() ?? '') ?? []
  if (value !== undefined) lines.shift()
  return value
}

async function patched(root: string, lesson: string, path: string, diff: string): Promise<string> {
  const solution = await readFile(join(root, 'solutions', lesson, 'exercise.ts'), 'utf8')
  const source = applyPatch(solution, diff)
  if (source === false || source === solution) {
    throw new LabError(
      'mistake-broken',
      `${path} does not fit the solution${source === false ? '' : ': it changes nothing'}.`,
      {
        advice: 'Make the diff again from the solution as it is now.',
      },
    )
  }
  return source
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}
