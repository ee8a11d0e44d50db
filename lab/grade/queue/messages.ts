import * as v from 'valibot'
import { contentHash } from '../hash.ts'
import { JudgedFile, type Verdicts } from '../record.ts'
import { MOST_BYTES } from '../submission/layout.ts'
import { unsafePath } from '../submission/safe-path.ts'
import { MOST_FILES, type TreeFile } from '../submission/tree.ts'

/** A message is smaller than what brokers take at most (16 MiB). */
export const MOST_TASK_BYTES = 6 * 2 ** 20
const MOST_RESULT_BYTES = 12 * 2 ** 20

const Key = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

const How = v.strictObject({
  broker: v.pipe(v.string(), v.regex(/^[a-z-]{1,30}$/)),
  timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})

/** How a task is to be judged. In which sandbox, its grader says. */
export type How = v.InferOutput<typeof How>

const Path = v.pipe(
  v.string(),
  v.check((path) => unsafePath(path) === undefined, 'not a safe path'),
  v.regex(/\.([cm]?[jt]s|json)$/i, 'not a source file'),
)

const TaskMessage = v.strictObject({
  key: Key,
  lesson: v.pipe(v.string(), v.regex(/^\d\d-[a-z0-9-]{1,60}$/)),
  how: How,
  files: v.pipe(
    v.array(v.strictObject({ path: Path, text: v.pipe(v.string(), v.maxLength(MOST_BYTES)) })),
    v.maxLength(MOST_FILES),
    v.check(
      (files) => new Set(files.map(({ path }) => path.toLowerCase())).size === files.length,
      'the same path twice',
    ),
  ),
})

/** A lesson of a submission, with all that judges it; whose it is, only `grade` knows. */
export type TaskMessage = v.InferOutput<typeof TaskMessage>

const ResultMessage = v.variant('outcome', [
  v.strictObject({
    outcome: v.literal('judged'),
    key: Key,
    judgement: JudgedFile,
    earlier: v.optional(v.strictObject({ judgement: JudgedFile, why: v.picklist(['time-limit', 'error']) })),
  }),
  v.strictObject({ outcome: v.literal('dead'), key: Key, reason: v.string() }),
])

/** What a grader answers: verdicts, or that the task is a dead letter now. */
export type ResultMessage =
  | ({ outcome: 'judged'; key: string } & Verdicts)
  | { outcome: 'dead'; key: string; reason: string }

/** The key of a task: a hash of everything that its verdict depends on. Equal tasks need one verdict. */
export function taskKey(files: TreeFile[], lab: string, { broker, timeout }: How): string {
  return contentHash(files, lab, { queue: true, broker, timeout })
}

export function taskBody(task: TaskMessage): Buffer {
  return Buffer.from(JSON.stringify(task))
}

/** @throws where it is none, or its key is not that of its content */
export function readTask(body: Buffer, labHashOf: (lesson: string) => string | undefined): TaskMessage {
  if (body.length > MOST_TASK_BYTES) throw new Error('it is too large')
  const task = v.parse(TaskMessage, JSON.parse(body.toString()))
  const lab = labHashOf(task.lesson)
  if (lab === undefined) throw new Error('there is no such lesson')
  if (taskKey(task.files, lab, task.how) !== task.key) throw new Error("its key doesn't match its content")
  return task
}

export function resultBody(result: ResultMessage): Buffer {
  return Buffer.from(JSON.stringify(result))
}

/** @throws where it is none */
export function readResult(body: Buffer): ResultMessage {
  if (body.length > MOST_RESULT_BYTES) throw new Error('it is too large')
  return v.parse(ResultMessage, JSON.parse(body.toString())) as unknown as ResultMessage
}
