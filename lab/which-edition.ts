import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The students' edition of the lab: what `npm run student-edition` makes. It has no solutions. */
export interface StudentEdition {
  edition: 'student'
  /** No stand-ins either: a lesson needs the earlier ones that it builds on. */
  strict: boolean
  /** The commit of the lab that it was made from, where that is known. */
  commit: string | null
}

export const EDITION_FILE = 'edition.json'
export const STAND_INS = 'stand-ins'

/** What the project at `root` is: undefined for the lab as a whole. */
export function studentEdition(root: string): StudentEdition | undefined {
  const file = join(root, EDITION_FILE)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StudentEdition) : undefined
}

/** Where exercises of earlier lessons come from, where a tree lacks them: the solutions, or what stands in for them. */
export function standInsFolder(root: string): string {
  return join(root, studentEdition(root) === undefined ? 'solutions' : STAND_INS)
}

/** Said wherever a student asks for what this edition lacks. */
export const NO_SOLUTIONS = "This is the students' edition of the lab: your instructor has the solutions."
