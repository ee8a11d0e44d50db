import * as v from 'valibot'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { contentError, readIfThere } from './files.ts'
import type { Lesson } from './lesson.ts'

const Sentences = v.pipe(v.string(), v.trim(), v.minLength(1, 'it is empty'))

const Choice = v.strictObject({ text: Sentences, right: v.optional(v.boolean(), false), why: Sentences })

/** lessons/NN-slug/quiz.yaml: what students predict before their first check, and what the check then shows. */
const Quiz = v.strictObject({
  question: Sentences,
  choices: v.pipe(
    v.array(Choice),
    v.minLength(2, 'there are fewer than two choices'),
    v.maxLength(4, 'there are more than four choices'),
    v.check((choices) => choices.filter(({ right }) => right).length === 1, 'not exactly one choice is right'),
  ),
  /** What the recording of a passed check shows. */
  shown: Sentences,
})

export type Quiz = v.InferOutput<typeof Quiz>

const EXAMPLE = 'It takes question, choices (two to four, each with text and why, one with right: true) and shown.'

/** The question of a lesson; undefined where it has none. */
export async function quizOf(lesson: Pick<Lesson, 'name' | 'quiz'>): Promise<Quiz | undefined> {
  const source = await readIfThere(lesson.quiz)
  return source === undefined ? undefined : parseQuiz(source, `lessons/${lesson.name}/quiz.yaml`)
}

/**
 * Reads a quiz.yaml.
 *
 * @param file How complaints name the file.
 */
export function parseQuiz(source: string, file: string): Quiz {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines })
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : lines.linePos(offset).line)
  const broken = document.errors[0]
  if (broken) {
    const problem = broken.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? "it isn't valid YAML"
    throw contentError(file, lineAt(broken.pos[0]), problem, EXAMPLE, broken)
  }
  const checked = v.safeParse(Quiz, document.toJS())
  if (checked.success) return checked.output
  const [issue] = checked.issues
  const path = (issue.path ?? []).map(({ key }) => key as PropertyKey)
  // A key that is missing has no line: what it is missing from has one.
  const node = path.map((_, i) => document.getIn(path.slice(0, path.length - i), true)).find(isNode)
  const problem = path.length > 0 ? `'${path.join('.')}': ${issue.message}` : issue.message
  throw contentError(file, lineAt(node?.range?.[0]), problem.replace(/\.$/, ''), EXAMPLE)
}

/** The index of the right choice. */
export function rightOf({ choices }: Quiz): number {
  return choices.findIndex(({ right }) => right)
}
