import { z } from 'zod'

/**
 * STATE/progress.json: what the lab remembers of a student's way, by lesson name.
 *
 *     { "version": 1,
 *       "lessons": {
 *         "02-retrying-connection": {
 *           "working": true,                      // its first step has passed once
 *           "passed": [                           // newest last; one for each broker and content of the file
 *             { "kind": "container", "product": "RabbitMQ", "version": "4.3.6",
 *               "sha256": "…", "at": "2026-11-23T18:30:05.000Z" } ],
 *           "failed": { "2": 1 },                 // by step: checks that it failed since it last passed
 *           "failedLast": 2,                      // the step that the last check fell short of; absent after a pass
 *           "hints": { "2": 1 } } } }             // by step: hints shown
 *
 * The file is written beside itself and renamed, under a lock (lock.ts); keys that this version does not know stay.
 */
export const VERSION = 1

const Steps = z.record(z.string().regex(/^[1-9]\d*$/), z.int().nonnegative())

const Pass = z.looseObject({
  kind: z.string(),
  product: z.string(),
  version: z.string(),
  /** Of the file that passed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
})

const LessonProgress = z.looseObject({
  working: z.boolean().default(false),
  passed: z.array(Pass).default([]),
  failed: Steps.default({}),
  failedLast: z.int().positive().optional(),
  hints: Steps.default({}),
})

export const ProgressFile = z.looseObject({
  version: z.literal(VERSION),
  lessons: z.record(z.string(), LessonProgress),
})

export type Pass = z.infer<typeof Pass>
export type LessonProgress = z.infer<typeof LessonProgress>
export type ProgressFile = z.infer<typeof ProgressFile>

export function emptyFile(): ProgressFile {
  return { version: VERSION, lessons: {} }
}

export function emptyLesson(): LessonProgress {
  return { working: false, passed: [], failed: {}, hints: {} }
}
