import * as v from 'valibot'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { contentError } from './files.ts'

/** What stands between the two '---' at the top of a lesson.md. */
const FrontMatter = v.strictObject({
  title: v.pipe(v.string(), v.minLength(1)),
  minutes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  buildsOn: v.array(v.string()),
  exports: v.array(v.pipe(v.string(), v.minLength(1))),
})

export type FrontMatter = v.InferOutput<typeof FrontMatter>

const EXAMPLE = 'It takes title, minutes, buildsOn: [NN-slug, …] and exports: [name, …] between two lines of ---.'

export interface Parsed {
  data: FrontMatter
  /** The text below the front matter. */
  body: string
  /** The line of a key in the file, for complaints about its value. */
  lineOf(key: keyof FrontMatter): number
}

/**
 * Reads a lesson.md into front matter and text.
 *
 * @param file How complaints name the file.
 */
export function parseFrontMatter(source: string, file: string): Parsed {
  const match = source.match(/^---\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n|$)/m)
  if (match?.index !== 0) throw contentError(file, 1, 'there is no front matter', EXAMPLE)
  const lines = new LineCounter()
  const document = parseDocument(match[1] ?? '', { lineCounter: lines })
  // The text begins one line below the opening '---'.
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : lines.linePos(offset).line + 1)
  const broken = document.errors[0]
  if (broken) {
    const problem = broken.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? "it isn't valid YAML"
    throw contentError(file, lineAt(broken.pos[0]), `the front matter can't be read: ${problem}`, EXAMPLE, broken)
  }
  const lineOf = (path: readonly PropertyKey[]): number => {
    const node = path.length > 0 ? document.getIn(path, true) : undefined
    return isNode(node) ? lineAt(node.range?.[0]) : 1
  }
  const checked = v.safeParse(FrontMatter, document.toJS())
  const issue = checked.issues?.[0]
  if (issue) {
    const path = (issue.path ?? []).map(({ key }) => key as PropertyKey)
    const problem = path.length > 0 ? `'${path.join('.')}': ${issue.message}` : issue.message
    throw contentError(file, lineOf(path), problem.replace(/\.$/, ''), EXAMPLE)
  }
  return { data: checked.output as FrontMatter, body: source.slice(match[0].length), lineOf: (key) => lineOf([key]) }
}
