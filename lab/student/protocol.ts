import { z } from 'zod'

/**
 * What the lab and the student's process say to each other over IPC.
 *
 *   lab ── load, call, tell, ping ──▶ child.ts ──▶ driver ──▶ exercise
 *       ◀── loaded, load-failed, told, settled, pong, dying ──
 *
 * What comes back is checked against the schema below: the process runs the student's code, so nothing in it is
 * believed without that.
 */

/** An error of the student's process as plain data. */
export const ErrorSeen = z.object({
  name: z.string().max(200),
  message: z.string().max(4000),
  code: z.union([z.string().max(100), z.number()]).optional(),
  stack: z.string().max(8000).optional(),
})
export type ErrorSeen = z.infer<typeof ErrorSeen>

export const FromStudent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('loaded'), solutionsUsed: z.array(z.string().max(200)).max(50) }),
  z.object({
    type: z.literal('load-failed'),
    reason: z.enum(['import', 'export-missing', 'not-a-function', 'driver']),
    detail: z.string().max(4000),
    error: ErrorSeen.optional(),
  }),
  z.object({ type: z.literal('told'), name: z.string().max(100), data: z.unknown() }),
  z.object({
    type: z.literal('settled'),
    id: z.number(),
    ok: z.boolean(),
    value: z.unknown(),
    error: ErrorSeen.optional(),
  }),
  z.object({ type: z.literal('pong'), id: z.number(), rssBytes: z.number() }),
  z.object({ type: z.literal('dying'), origin: z.string().max(100), error: ErrorSeen }),
])
export type FromStudent = z.infer<typeof FromStudent>

export interface LoadRequest {
  type: 'load'
  /** file: URLs. */
  driver: string
  exercise: string
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
}

export const SETTING_VARIABLE = 'CLUSTER_UP_STUDENT'
