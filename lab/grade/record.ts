import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import type { CheckReport, LessonReport } from '../report/report.ts'
import type { PackedShow } from '../viewer/shared/film.ts'
import { writeFileAtomic } from '../write-file-atomic.ts'

/**
 * OUT/judged/FILE.json: all that is known of one submission. Every page and every export is made of these files, so that a
 * run goes on where another one stopped, and runs on several machines are joined by putting their files together.
 *
 * A file is written beside itself and renamed after each lesson that was judged. One that can't be understood is renamed to
 * FILE.json.broken, and its submission judged anew.
 */
export interface SubmissionRecord {
  format: 1
  /** The student's ID: the name of the folder or zip. */
  id: string
  /** What it was: 'anna.zip'. */
  from: string
  notes: string[]
  /** By lesson; one that is not here was not handed in. */
  lessons: Record<string, LessonRecord>
  /** Of these was asked. */
  wanted: string[]
  /** How often each lesson was checked by its student, where the student's progress file was handed in. */
  checks?: Record<string, number> | undefined
}

export interface LessonRecord {
  /** Where it was found. */
  path: string
  notes: string[]
  modifiedMs: number
  code: string
  /** Of everything that its verdict depends on. */
  hash: string
  /** Undefined: not judged yet. */
  judged?: Judgement | undefined
  /** The judgement before the one that counts, and why it was judged again. */
  earlier?: { judgement: Judgement; why: 'time-limit' | 'error' } | undefined
}

export interface Judgement {
  report: LessonReport
  broker: CheckReport['broker']
  sandbox: string
  /** When, as an ISO date. */
  at: string
  /** Of what failed: what was recorded. A record keeps it in a file beside it; see Records.judge(). */
  seen?: PackedShow | undefined
}

/** A judgement, and why it is not the first. */
export interface Verdicts {
  judgement: Judgement
  /** The one before it. */
  earlier?: { judgement: Judgement; why: 'time-limit' | 'error' } | undefined
}

const SeenFile = v.looseObject({
  scenes: v.array(v.looseObject({ name: v.string(), packed: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/=]*$/)) })),
  marks: v.array(
    v.looseObject({
      step: v.number(),
      title: v.string(),
      verdict: v.picklist(['passed', 'failed', 'not-judged', 'not-reached', 'error']),
      decided: v.array(v.looseObject({ scene: v.number(), moment: v.optional(v.number()) })),
    }),
  ),
})
const KeptFile = v.looseObject({ at: v.string(), seen: SeenFile })

/** A judgement, as it comes from a file or a message. */
export const JudgedFile = v.looseObject({
  report: v.looseObject({
    lesson: v.string(),
    verdict: v.picklist(['passed', 'failed', 'not-judged', 'error']),
    expectations: v.array(v.looseObject({ step: v.number(), title: v.string(), verdict: v.string() })),
  }),
  broker: v.nullable(v.looseObject({ kind: v.string(), product: v.string(), version: v.string() })),
  sandbox: v.string(),
  at: v.string(),
  seen: v.optional(SeenFile),
})

const RecordFile = v.looseObject({
  format: v.literal(1),
  id: v.string(),
  from: v.string(),
  notes: v.array(v.string()),
  wanted: v.array(v.string()),
  checks: v.optional(v.record(v.string(), v.number())),
  lessons: v.record(
    v.string(),
    v.looseObject({
      path: v.string(),
      notes: v.array(v.string()),
      modifiedMs: v.number(),
      code: v.string(),
      hash: v.string(),
      judged: v.optional(JudgedFile),
      earlier: v.optional(v.looseObject({ judgement: JudgedFile, why: v.picklist(['time-limit', 'error']) })),
    }),
  ),
})

/**
 * The records of a class, a file each: only one is in memory at a time. What was recorded of a lesson that failed is beside
 * its record, in judged/FILE/LESSON.json, together with the moment of the judgement that it belongs to.
 */
export class Records {
  readonly folder: string

  constructor(out: string) {
    this.folder = join(out, 'judged')
  }

  read(id: string): SubmissionRecord | undefined {
    return this.#readFile(join(this.folder, `${fileNameOf(id)}.json`))
  }

  write(record: SubmissionRecord): void {
    mkdirSync(this.folder, { recursive: true })
    writeFileAtomic(join(this.folder, `${fileNameOf(record.id)}.json`), `${JSON.stringify(record)}\n`)
  }

  /** Puts a judgement into its record. @returns whether there is such a record */
  judge(id: string, lesson: string, { judgement, earlier }: Verdicts): boolean {
    const record = this.read(id)
    const own = record?.lessons[lesson]
    if (record === undefined || own === undefined) return false
    const { seen, ...judged } = judgement
    if (seen !== undefined) this.#keep(id, lesson, { at: judged.at, seen })
    own.judged = judged
    own.earlier = earlier && { ...earlier, judgement: { ...earlier.judgement, seen: undefined } }
    this.write(record)
    return true
  }

  /** What was recorded of the judgement that counts; undefined where nothing is kept. */
  seen({ id, lessons }: SubmissionRecord, lesson: string): PackedShow | undefined {
    const kept = this.#read(this.#seenFile(id, lesson), KeptFile)
    return kept !== undefined && kept.at === lessons[lesson]?.judged?.at ? (kept.seen as PackedShow) : undefined
  }

  /** Takes a record of another folder over, with what belongs to it. */
  take(record: SubmissionRecord, from: Records): void {
    for (const lesson of Object.keys(record.lessons)) {
      const { judged } = record.lessons[lesson] ?? {}
      const seen = judged && from.seen(record, lesson)
      if (seen) this.#keep(record.id, lesson, { at: judged.at, seen })
    }
    this.write(record)
  }

  /** All records, one after the other. */
  *all(): Generator<SubmissionRecord> {
    if (!existsSync(this.folder)) return
    for (const name of readdirSync(this.folder).filter((each) => each.endsWith('.json'))) {
      const record = this.#readFile(join(this.folder, name))
      if (record !== undefined) yield record
    }
  }

  #seenFile(id: string, lesson: string): string {
    return join(this.folder, fileNameOf(id), `${lesson}.json`)
  }

  #keep(id: string, lesson: string, kept: { at: string; seen: PackedShow }): void {
    const file = this.#seenFile(id, lesson)
    mkdirSync(dirname(file), { recursive: true })
    writeFileAtomic(file, `${JSON.stringify(kept)}\n`)
  }

  #readFile(file: string): SubmissionRecord | undefined {
    return this.#read(file, RecordFile) as unknown as SubmissionRecord | undefined
  }

  #read<const S extends v.GenericSchema>(file: string, schema: S): v.InferOutput<S> | undefined {
    if (!existsSync(file)) return undefined
    try {
      return v.parse(schema, JSON.parse(readFileSync(file, 'utf8')))
    } catch {
      renameSync(file, `${file}.broken`)
      return undefined
    }
  }
}

/** A file name for an ID: its own where every system takes it, else as near as can be, with a few signs that tell it apart. */
export function fileNameOf(id: string): string {
  const plain = id
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._()-]+/gu, '_')
    .replace(/^\.+|\.+$/g, '_')
    .slice(0, 100)
  if (plain === id && !/^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(id)) return plain
  return `${plain}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`
}
