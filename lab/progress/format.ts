import * as v from 'valibot'

/**
 * STATE/progress.json: what the lab remembers of a student's way, by lesson name.
 *
 *     { "version": 1,
 *       "opened": "02-retrying-connection",       // the lesson last opened in the menu
 *       "lessons": {
 *         "02-retrying-connection": {
 *           "working": true,                      // its first step has passed once
 *           "passed": [                           // newest last; one for each broker and content of the file
 *             { "kind": "container", "product": "RabbitMQ", "version": "4.3.6",
 *               "sha256": "…", "at": "2026-11-23T18:30:05.000Z" } ],
 *           "failed": { "2": 1 },                 // by step: checks that it failed since it last passed
 *           "failedLast": 2,                      // the step that the last check fell short of; absent after a pass
 *           "hints": { "2": 1 },                  // by step: hints shown
 *           "begun": "2026-11-23T18:00:00.000Z",  // when its text was first read in the menu
 *           "predicted": 1,                       // the choice of its question, from 0
 *           "checks": 4 } } }                     // checks of the student's own file up to the first pass
 *
 * The file is written beside itself and renamed, under a lock (lock.ts); keys that this version does not know stay.
 */
export const VERSION = 1

const integer = v.pipe(v.number(), v.integer())
const Steps = v.record(v.pipe(v.string(), v.regex(/^[1-9]\d*$/)), v.pipe(integer, v.minValue(0)))

const Pass = v.looseObject({
  kind: v.string(),
  product: v.string(),
  version: v.string(),
  /** Of the file that passed. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  at: v.pipe(v.string(), v.isoTimestamp()),
})

const LessonProgress = v.looseObject({
  working: v.optional(v.boolean(), false),
  passed: v.optional(v.array(Pass), () => []),
  failed: v.optional(Steps, () => ({})),
  failedLast: v.optional(v.pipe(integer, v.minValue(1))),
  hints: v.optional(Steps, () => ({})),
  begun: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  predicted: v.optional(v.pipe(integer, v.minValue(0))),
  checks: v.optional(v.pipe(integer, v.minValue(0))),
})

export const ProgressFile = v.looseObject({
  version: v.literal(VERSION),
  opened: v.optional(v.string()),
  lessons: v.record(v.string(), LessonProgress),
})

export type Pass = v.InferOutput<typeof Pass>
export type LessonProgress = v.InferOutput<typeof LessonProgress>
export type ProgressFile = v.InferOutput<typeof ProgressFile>

export function emptyFile(): ProgressFile {
  return { version: VERSION, lessons: {} }
}

export function emptyLesson(): LessonProgress {
  return { working: false, passed: [], failed: {}, hints: {} }
}
