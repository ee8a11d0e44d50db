import * as v from 'valibot'
import { ErrorSeen } from '../recording/error-seen.ts'

/** What the student's process may say; see protocol.ts. */

const text = (length: number) => v.pipe(v.string(), v.maxLength(length))

export const FromStudent = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('loaded') }),
  v.object({
    type: v.literal('load-failed'),
    reason: v.picklist(['import', 'export-missing', 'not-a-function', 'driver']),
    detail: text(4000),
    error: v.optional(ErrorSeen),
  }),
  v.object({ type: v.literal('told'), name: text(100), data: v.unknown() }),
  v.object({
    type: v.literal('settled'),
    id: v.number(),
    ok: v.boolean(),
    value: v.unknown(),
    error: v.optional(ErrorSeen),
  }),
  v.object({ type: v.literal('socket'), port: v.number() }),
  v.object({
    type: v.literal('site'),
    port: v.number(),
    channel: v.number(),
    method: text(40),
    nth: v.number(),
    file: text(300),
    line: v.number(),
    text: text(200),
  }),
  v.object({ type: v.literal('pong'), id: v.number(), rssBytes: v.number() }),
  v.object({
    type: v.literal('child'),
    what: v.picklist(['started', 'exited']),
    pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
    code: v.nullable(v.number()),
    signal: v.nullable(text(20)),
    atMs: v.number(),
  }),
  v.object({ type: v.literal('dying'), origin: text(100), error: ErrorSeen }),
])
export type FromStudent = v.InferOutput<typeof FromStudent>
