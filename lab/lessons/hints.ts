import MarkdownIt from 'markdown-it'
import { contentError, readIfThere } from './files.ts'
import type { Lesson } from './lesson.ts'

/** Hints a step: a question, the call with its link, code with one blank. */
export const HINTS_PER_STEP = 3

const BLANK = /_{4,}/

/**
 * The hints of a step as markdown, in their order; none where the lesson has none for it.
 *
 * hints.md has a heading `## Step 1` for each step and below it a numbered list of three. What belongs to a hint
 * (paragraphs, code) is indented under its number, as markdown has it.
 */
export async function hintsOf(lesson: Lesson, step: number): Promise<string[]> {
  const source = await readIfThere(lesson.hints)
  return source === undefined ? [] : (parseHints(source, `lessons/${lesson.name}/hints.md`).get(step) ?? [])
}

/**
 * All hints of a hints.md, by step.
 *
 * @param file How complaints name the file.
 */
export function parseHints(source: string, file: string): Map<number, string[]> {
  const steps = new Map<number, string[]>()
  for (const section of sections(source, file)) {
    if (steps.has(section.step)) {
      throw contentError(file, section.line, `step ${section.step} appears twice`, 'Put its hints under one heading.')
    }
    const { hints } = section
    if (hints.length !== HINTS_PER_STEP) {
      const problem = `step ${section.step} has ${hints.length} hints, not ${HINTS_PER_STEP}`
      throw contentError(file, section.line, problem, 'Number them 1., 2. and 3., each at the beginning of a line.')
    }
    const blanks = hints.at(-1)?.match(new RegExp(BLANK, 'g'))?.length ?? 0
    if (blanks !== 1) {
      const problem = `the third hint of step ${section.step} has ${blanks} blanks, not one`
      throw contentError(file, section.line, problem, 'Leave one blank in its code, written ____.')
    }
    steps.set(section.step, hints)
  }
  return steps
}

interface Section {
  step: number
  /** The heading's line, from 1. */
  line: number
  hints: string[]
}

/** The steps under their headings. What is within a hint, code as well, is neither a heading nor a hint. */
function sections(source: string, file: string): Section[] {
  const lines = source.split(/\r?\n/)
  const found: Section[] = []
  for (const { type, tag, level, info, map } of new MarkdownIt().parse(source, {})) {
    const [from, to] = map ?? [0, 0]
    if (type === 'heading_open' && tag === 'h2' && level === 0) {
      const heading = (lines[from] ?? '').replace(/^##\s+/, '')
      const step = heading.match(/^Step\s+([1-9]\d*)\b/i)?.[1]
      if (step === undefined) {
        throw contentError(file, from + 1, `'${heading}' isn't a step`, "Write the heading as '## Step 1'.")
      }
      found.push({ step: Number(step), line: from + 1, hints: [] })
    }
    // The items of a list that is numbered, and in no other.
    if (type === 'list_item_open' && level === 1 && info !== '') found.at(-1)?.hints.push(hint(lines.slice(from, to)))
  }
  return found
}

/** An item's own markdown: without its number and its indentation, and with that of its code. */
function hint([first = '', ...others]: string[]): string {
  const [number = ''] = first.match(/^\d+[.)]\s+/) ?? []
  const indentation = new RegExp(`^ {1,${number.length}}`)
  return [first.slice(number.length), ...others.map((line) => line.replace(indentation, ''))].join('\n').trim()
}
