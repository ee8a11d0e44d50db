import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Session } from '../../check/session.ts'
import { collect } from '../../grade/collect.ts'
import { contentHash, labHash } from '../../grade/hash.ts'
import { type QueueAddress, queueAddress } from '../../grade/queue/address.ts'
import { LabHashes } from '../../grade/queue/lab-hashes.ts'
import { taskKey } from '../../grade/queue/messages.ts'
import { Records, type SubmissionRecord } from '../../grade/record.ts'
import { writeResults } from '../../grade/results.ts'
import { findClass } from '../../grade/submission/find.ts'
import { writeTree } from '../../grade/submission/tree.ts'
import { inShard, lessonsNamed, shardNamed } from '../../grade/which-lessons.ts'
import type { Io } from '../../io.ts'
import { lessons as catalogue } from '../../lessons/catalogue.ts'
import type { Lesson } from '../../lessons/lesson.ts'
import { ROOT } from '../../root.ts'
import { findSandbox } from '../../sandbox/find.ts'
import type { FoundSandbox } from '../../sandbox/found.ts'
import { visible } from '../../text/visible.ts'
import { untilInterrupted } from '../interrupted.ts'
import { startingLine } from '../starting.ts'
import { waitingLine } from '../waiting.ts'
import { ClassBrokers } from './class-brokers.ts'
import { judgeClass } from './judge-class.ts'
import type { Task } from './judge-one.ts'
import { judgeRemotely } from './judge-remotely.ts'
import { needsOf } from './needs.ts'
import type { GradeOptions } from './options.ts'
import { Progress } from './progress.ts'
import { sandboxNotice } from './sandbox.ts'
import { Scratch } from './scratch.ts'
import { settingOf } from './setting.ts'
import { foundText, tellResults } from './told.ts'

/**
 * Grades a class: what is found is collected, what is not judged yet is judged, and the results are written, also where
 * Ctrl-C ends it early.
 *
 *   DIR ──▶ submissions ──▶ a tree each ──▶ judged side by side ──▶ OUT/judged/*.json ──▶ pages, tables, exports
 */
export async function gradeClass(dir: string, options: GradeOptions, here: string, io: Io): Promise<number> {
  const all = await catalogue(ROOT)
  const lessons = options.lessons === undefined ? all : lessonsNamed(options.lessons, all)
  const at = (file: string | undefined) => (file === undefined ? undefined : resolve(here, file))
  const files = { rubric: at(options.rubric), students: at(options.students), submitted: at(options.submitted) }
  // What is wrong with these is told before an hour of judging.
  await settingOf(lessons, all, { ...files, details: options.details }, undefined)
  const queue = options.queue === undefined ? undefined : queueAddress(options.queue, io.env)
  // With graders elsewhere nothing of a submission runs here.
  const sandbox = queue === undefined ? await findSandbox(options.sandbox ?? 'auto') : null
  const out = resolve(here, options.out ?? 'grades')
  mkdirSync(out, { recursive: true })
  const records = new Records(out)
  using interrupted = untilInterrupted()
  using folder = new Scratch('cluster-up-grade')
  const scratch = folder.path
  const { tasks, ids, ignored } = await collected(dir, { options, lessons, all, sandbox, records, out, scratch })
  io.stderr.write(foundText(inOrder(records, ids), ignored))
  if (sandbox !== null) io.stderr.write(`Submissions run in a sandbox: ${sandbox.text}.\n`)
  const judging = { options, all, sandbox, records, out, signal: interrupted.signal, io }
  if (tasks.length > 0) await (queue === undefined ? judgeAll(tasks, judging) : judgeElsewhere(tasks, queue, judging))
  const isUnprotected = queue === undefined ? sandbox === null : hasUnprotected(inOrder(records, ids))
  const notice = isUnprotected ? sandboxNotice('none') : undefined
  const setting = await settingOf(lessons, all, { ...files, details: options.details }, notice)
  const rows = writeResults(out, inOrder(records, ids), setting, io.env)
  if (interrupted.signal.aborted) io.stderr.write('Ended early. Run the command again to continue from here.\n')
  return tellResults(out, rows, notice, here, io)
}

interface Collecting {
  options: GradeOptions
  lessons: Lesson[]
  all: Lesson[]
  sandbox: FoundSandbox | null
  records: Records
  out: string
  scratch: string
}

/** Finds the submissions, writes a record and a tree for each, and says what is left to judge. */
async function collected(
  dir: string,
  { options, lessons, all, sandbox, records, out, scratch }: Collecting,
): Promise<{ tasks: Task[]; ids: string[]; ignored: string[] }> {
  const { handed, ignored } = await findClass(dir, { lessons: all, scratch: join(scratch, 'handed'), out })
  const shard = options.shard === undefined ? undefined : shardNamed(options.shard)
  const own = shard === undefined ? handed : inShard(handed, shard)
  const withStarters = await Promise.all(
    lessons.map(async (lesson) => ({ ...lesson, starterText: await readFile(lesson.starter, 'utf8') })),
  )
  const needs = new Map(await Promise.all(lessons.map(async ({ name }) => [name, await needsOf(name)] as const)))
  const hashes = new Map(lessons.map(({ name }) => [name, labHash(ROOT, name)]))
  const { queue } = options
  const how = { broker: options.broker ?? 'auto', sandbox: sandbox?.kind ?? 'none', timeout: options.timeout }
  const tasks: Task[] = []
  for (const [index, each] of own.entries()) {
    const { record, files } = collect(each, {
      lessons: withStarters,
      all,
      hashOf: (lesson, own) => (queue === undefined ? contentHash : taskKey)(own, hashes.get(lesson) ?? '', how),
      known: records.read(each.id),
    })
    records.write(record)
    const tree = join(scratch, 'trees', String(index))
    const left = record.wanted.filter((lesson) => record.lessons[lesson] && !record.lessons[lesson].judged)
    if (left.length > 0) writeTree(tree, files)
    for (const lesson of left) {
      tasks.push({ id: each.id, lesson, tree, ...(needs.get(lesson) ?? { restarts: false, atCluster: false }) })
    }
  }
  return { tasks, ids: own.map(({ id }) => id), ignored }
}

interface Judging extends Pick<Collecting, 'options' | 'all' | 'sandbox' | 'records' | 'out'> {
  signal: AbortSignal
  io: Io
}

async function judgeAll(tasks: Task[], { options, all, sandbox, records, signal, io }: Judging): Promise<void> {
  const starting = startingLine(io.stderr)
  await using brokers = new ClassBrokers(options.broker ?? 'auto', starting.show, signal)
  const { info } = await brokers.open()
  starting.end()
  io.stderr.write(`Judging ${tasks.length} lessons on ${info.product} ${info.version} (${info.kind}).\n`)
  const waiting = waitingLine(io.stderr)
  const progress = new Progress(tasks)
  const exports = Object.fromEntries(all.map(({ name, exports }) => [name, exports]))
  waiting.begin()
  const show = () => waiting.update((ms) => progress.text(ms))
  try {
    await judgeClass(tasks, {
      brokers,
      signal,
      open: () => new Session({ root: ROOT, broker: null, exports, sandbox }),
      sandbox: sandbox?.kind ?? 'none',
      limitMs: options.timeout === undefined ? undefined : options.timeout * 1000,
      onBegun(task) {
        progress.begin(task)
        show()
      },
      onEnded(task) {
        progress.end(task)
        show()
      },
      onJudged({ id, lesson }, judgement, why) {
        const before = why && records.read(id)?.lessons[lesson]?.judged
        records.judge(id, lesson, { judgement, earlier: why && before && { judgement: before, why } })
      },
    })
  } finally {
    waiting.end()
  }
}

/** Graders on other machines judge; here their results are collected. */
async function judgeElsewhere(tasks: Task[], address: QueueAddress, judging: Judging): Promise<void> {
  const { options, all, records, out, signal, io } = judging
  const hashes = new LabHashes(
    ROOT,
    all.map(({ name }) => name),
  )
  io.stderr.write(`The graders at ${address.shown} are judging ${tasks.length} lessons.\n`)
  const waiting = waitingLine(io.stderr)
  const progress = new Progress(tasks)
  waiting.begin()
  try {
    await judgeRemotely(tasks, {
      ...{ address, version: hashes.version, out, records, all, signal },
      how: { broker: options.broker ?? 'auto', ...(options.timeout === undefined ? {} : { timeout: options.timeout }) },
      labHashOf: (lesson) => hashes.of(lesson),
      tell(text) {
        io.stderr.write(`${io.stderr.isTTY ? '\r\x1b[2K' : ''}${visible(text)}\n`)
      },
      onJudged(task) {
        progress.begin(task)
        progress.end(task)
        waiting.update((ms) => progress.text(ms))
      },
    })
  } finally {
    waiting.end()
  }
}

function hasUnprotected(records: Iterable<SubmissionRecord>): boolean {
  for (const { lessons } of records) {
    if (Object.values(lessons).some(({ judged }) => judged?.sandbox === 'none')) return true
  }
  return false
}

function* inOrder(records: Records, ids: string[]): Generator<SubmissionRecord> {
  for (const id of ids) {
    const record = records.read(id)
    if (record !== undefined) yield record
  }
}
