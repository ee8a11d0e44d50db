/**
 * What the lab and the student's process say to each other, over two pipes of its own (line.ts, own-line.ts).
 *
 *   lab ── load, call, tell, ping ──▶ child.ts ──▶ driver ──▶ exercise
 *       ◀── loaded, load-failed, told, settled, pong, dying ──
 *
 * What comes back is checked against the schema in heard.ts: the process runs the student's code, so nothing in it is
 * believed without that. This file is loaded on both sides and imports nothing, so that the process starts quickly.
 */

/** The numbers that the pipes have in the process. */
export const FROM_LAB = 3
export const TO_LAB = 4

export interface LoadRequest {
  type: 'load'
  /** A file: URL. */
  exercise: string
  /** JavaScript by file: URL: of the exercise, and of the earlier lessons that it may import. */
  sources: Record<string, string>
}

export type ToStudent =
  | LoadRequest
  | { type: 'call'; id: number; name: string; args: unknown }
  | { type: 'tell'; name: string; data: unknown }
  | { type: 'ping'; id: number }

/** Where a student's process finds what an exercise may import. Handed over in the environment, before any code runs. */
export interface Setting {
  /** The lab's own root, as a file: URL that ends with '/'. */
  lab: string
  /** The folder with one `NN-slug/exercise.ts` per lesson, as a file: URL that ends with '/'. */
  tree: string
  /** The solutions, likewise; they stand in for earlier lessons. */
  solutions: string
  /** Lesson name to the function exports that the contract asks of it. */
  exports: Record<string, string[]>
  /** True where earlier lessons always come from the solutions: a submission. */
  solutionsOnly: boolean
  /** The lesson that is judged. */
  lesson: string
  /** Its clocks run fast from the start; see clocks.ts. */
  fastClocks?: boolean
}

export const SETTING_VARIABLE = 'CLUSTER_UP_STUDENT'

/** The lessons that the judged one may build on: only their solutions may stand in, and only these may be read. */
export function earlierLessons({ exports, lesson }: Pick<Setting, 'exports' | 'lesson'>): string[] {
  return Object.keys(exports).filter((name) => name < lesson)
}
