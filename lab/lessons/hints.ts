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
      throw contentError(file, section.line, `step ${section.step} is there twice`, 'Put its hints under one heading.')
    }
    const hints = items(section)
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
  lines: string[]
}

/** The parts under the headings; lines within fenced code are never headings. */
function sections(source: string, file: string): Section[] {
  const found: Section[] = []
  let fence = ''
  for (const [index, line] of source.split(/\r?\n/).entries()) {
    fence = fenceAfter(fence, line)
    const heading = fence === '' ? line.match(/^##\s+(.*)$/) : null
    if (!heading) {
      found.at(-1)?.lines.push(line)
      continue
    }
    const step = heading[1]?.match(/^Step\s+([1-9]\d*)\b/i)?.[1]
    if (step === undefined) {
      throw contentError(file, index + 1, `'${heading[1]}' is no step`, "Write the heading as '## Step 1'.")
    }
    found.push({ step: Number(step), line: index + 1, lines: [] })
  }
  return found
}

/** The numbered items of a section, without number and indentation. */
function items({ lines }: Section): string[] {
  const found: { indent: number; lines: string[] }[] = []
  let fence = ''
  for (const line of lines) {
    const item = fence === '' ? line.match(/^([1-9]\d*[.)]\s+)(.*)$/) : null
    fence = fenceAfter(fence, line)
    if (item) found.push({ indent: (item[1] ?? '').length, lines: [item[2] ?? ''] })
    else {
      const last = found.at(-1)
      // No more than the item's own indentation goes: that of its code stays.
      last?.lines.push(line.replace(new RegExp(`^ {1,${last.indent}}`), ''))
    }
  }
  return found.map((item) => item.lines.join('\n').trim())
}

/** The fence that is open after this line: '```' or so, or '' outside of code. */
function fenceAfter(open: string, line: string): string {
  const fence = line.match(/^\s*(?:[1-9]\d*[.)]\s+)?(`{3,}|~{3,})/)?.[1]
  if (fence === undefined) return open
  if (open === '') return fence
  return fence.startsWith(open) ? '' : open
}
