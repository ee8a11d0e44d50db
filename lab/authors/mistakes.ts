import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyPatch } from 'diff'
import * as v from 'valibot'
import { LabError } from '../errors.ts'

/** A plausible wrong exercise, and what the check must say of it. */
export interface Mistake {
  /** Its file's name: 'acks-at-once'. */
  name: string
  path: string
  /** The title of the expectation that it must fail first. */
  expectation: string
  /** The ID of its misconception. */
  misconception: string
  /** The method of the row that the trace must mark as wrong; 'none' where there is none, undefined where nobody says. */
  frame?: string | undefined
  /** The first series of RabbitMQ on which it is wrong: '4.0'. On an older one it is right. */
  from?: string | undefined
  /** What it is an edit of, from the project's root; undefined for the solution. */
  of?: string | undefined
  /** The one of its lesson that is shown to people who don't know the lab yet. */
  classic?: 'yes' | undefined
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
 * The mistakes of a lesson: `NAME.ts`, a whole exercise, or `NAME.diff`, an edit of the solution or of a variant. Each
 * begins with
 *
 *   // expectation: TITLE
 *   // misconception: ID
 *   // frame: basic.ack                      the row of the trace that shows it; may be left out
 *   // from: 4.0                             the first series of RabbitMQ on which it is wrong; may be left out
 *   // classic: yes                         the one of its lesson that the lab shows to others
 *   // of: variants/NN-slug/NAME.ts          what the diff is an edit of; by default the solution
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
  const lines = (await readFile(path, 'utf8')).split('\n')
  const header = v.safeParse(Header, headerOf(lines))
  if (!header.success) {
    throw new LabError('mistake-broken', `${path} doesn't say what is wrong with it: ${header.issues[0].message}`, {
      advice: "It must begin with '// expectation: TITLE' and '// misconception: ID'; see docs/authors.md.",
    })
  }
  const { of = `solutions/${lesson}/exercise.ts` } = header.output
  const own = lines.join('\n')
  const source = file.endsWith('.diff') ? await edited(join(root, of), own, path) : own
  return { name: file.replace(/\.(ts|diff)$/, ''), path, ...header.output, source }
}

const Header = v.strictObject({
  expectation: v.pipe(v.string(), v.minLength(1, "it doesn't name exactly one expectation")),
  misconception: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, "it doesn't name exactly one misconception by its ID")),
  frame: v.optional(v.string()),
  from: v.optional(v.string()),
  classic: v.optional(v.literal('yes')),
  of: v.optional(v.string()),
})

/** Takes the lines '// NAME: VALUE' away with which a file begins. */
function headerOf(lines: string[]): Record<string, string> {
  const header: Record<string, string> = {}
  for (;;) {
    const [, name, value] = /^\/\/ ([a-z]+): (.+)$/.exec(lines[0]?.trim() ?? '') ?? []
    if (name === undefined || value === undefined) return header
    // Which of two would count?
    header[name] = name in header ? '' : value
    lines.shift()
  }
}

async function edited(base: string, diff: string, path: string): Promise<string> {
  const right = await readFile(base, 'utf8')
  const source = applyPatch(right, diff)
  if (source === false || source === right) {
    const how = source === false ? "doesn't fit" : 'changes nothing in'
    throw new LabError('mistake-broken', `${path} ${how} ${base}.`, {
      advice: 'Make the diff again from the current file.',
    })
  }
  return source
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}
