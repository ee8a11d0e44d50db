import * as module from 'node:module'
import { File, FingerprintIndex, Region, TokenizedFile } from '@dodona/dolos-core'
import { tokenizer } from 'acorn'
import type { GradedLesson } from './graded.ts'
import type { Who } from './overview.ts'

/** Lessons whose exercises are long enough: in shorter ones, honest answers look alike. */
const LESSONS = new Set([5, 8, 10, 11, 12, 13])
/** Dolos's own defaults: so many tokens are a fingerprint, and so many of these share one. */
const KGRAM = 23
const WINDOW = 17
const LEAST = 0.75
const MOST_PAIRS = 20

/** Two submissions of a lesson that are alike, apart from what the starter and the solution have in common with them. */
export interface SimilarPair {
  lesson: string
  one: Who
  other: Who
  /** From 0 to 1. */
  similarity: number
}

/** Compares the exercises of a class with each other, as tokens: names and texts do not matter. */
export class Similarity {
  readonly #files = new Map<string, { who: Who; file: TokenizedFile }[]>()
  readonly #lessons: GradedLesson[]

  constructor(lessons: GradedLesson[]) {
    this.#lessons = lessons.filter(({ number }) => LESSONS.has(number))
  }

  add(lesson: string, who: Who, code: string): void {
    if (!this.#lessons.some(({ name }) => name === lesson)) return
    const file = tokenized(who.id, code)
    if (file !== undefined) this.#files.set(lesson, [...(this.#files.get(lesson) ?? []), { who, file }])
  }

  /** The most alike first. */
  pairs(): SimilarPair[] {
    return this.#lessons.flatMap(({ name, background }) => {
      const own = this.#files.get(name) ?? []
      const index = new FingerprintIndex(KGRAM, WINDOW)
      // What is ignored is taken out of the files that are there by then.
      index.addFiles(own.map(({ file }) => file))
      for (const [nth, text] of background.entries()) {
        const file = tokenized(`background ${nth}`, text)
        if (file !== undefined) index.addIgnoredFile(file)
      }
      const whose = (file: TokenizedFile) => own.find((each) => each.file === file)?.who
      const pairs = index.allPairs().filter(({ similarity }) => similarity >= LEAST)
      return pairs
        .toSorted((a, b) => b.similarity - a.similarity)
        .slice(0, MOST_PAIRS)
        .flatMap(({ leftFile, rightFile, similarity }) => {
          const [one, other] = [whose(leftFile), whose(rightFile)]
          return one && other ? [{ lesson: name, one, other, similarity }] : []
        })
    })
  }
}

/** Undefined where it can't be read as a program. */
function tokenized(name: string, code: string): TokenizedFile | undefined {
  try {
    const source = module.stripTypeScriptTypes(code, { mode: 'strip' })
    const tokens: string[] = []
    const places: Region[] = []
    for (const { type, loc } of tokenizer(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true })) {
      tokens.push(type.label)
      const { start, end } = loc ?? { start: { line: 1, column: 0 }, end: { line: 1, column: 0 } }
      places.push(new Region(start.line, start.column, end.line, end.column))
    }
    return new TokenizedFile(new File(name, source), tokens, places)
  } catch {
    return undefined
  }
}
