import { z } from 'zod'

/** What the student's process may say; see protocol.ts. */

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
  z.object({ type: z.literal('loaded') }),
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
