import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { LabError } from '../../errors.ts'
import { Records, type SubmissionRecord } from '../../grade/record.ts'
import { writeResults } from '../../grade/results.ts'
import { lessonsNamed } from '../../grade/which-lessons.ts'
import type { Io } from '../../io.ts'
import { lessons as catalogue } from '../../lessons/catalogue.ts'
import { ROOT } from '../../root.ts'
import type { GradeOptions } from './options.ts'
import { sandboxNotice } from './sandbox.ts'
import { settingOf } from './setting.ts'
import { tellResults } from './told.ts'

/** Joins the results of shards into one folder. Of a submission that several have, the one that judged more counts. */
export async function mergeClass(from: string[], options: GradeOptions, here: string, io: Io): Promise<number> {
  const out = resolve(here, options.out ?? 'grades')
  const records = new Records(out)
  const asked = new Set<string>()
  let isUnprotected = false
  const ids = new Set<string>()
  for (const folder of from) {
    const theirs = new Records(folder)
    if (!existsSync(theirs.folder)) {
      throw new LabError('no-results', `${folder} has no results.`, {
        advice: 'Give the complete folders that npm run grade wrote: it joins what is in their judged/ folders.',
      })
    }
    for (const record of theirs.all()) {
      const known = ids.has(record.id) ? records.read(record.id) : undefined
      const isKnown = known !== undefined && judgedIn(known) >= judgedIn(record)
      const taken = isKnown ? known : record
      if (!isKnown) records.take(record, theirs)
      ids.add(record.id)
      for (const lesson of record.wanted) asked.add(lesson)
      isUnprotected ||= Object.values(taken.lessons).some(({ judged }) => judged?.sandbox === 'none')
    }
  }
  const all = await catalogue(ROOT)
  const lessons =
    options.lessons === undefined ? all.filter(({ name }) => asked.has(name)) : lessonsNamed(options.lessons, all)
  const files = {
    rubric: options.rubric && resolve(here, options.rubric),
    students: options.students && resolve(here, options.students),
    submitted: options.submitted && resolve(here, options.submitted),
  }
  const notice = isUnprotected ? sandboxNotice('none') : undefined
  const setting = await settingOf(lessons, all, { ...files, details: options.details }, notice)
  const rows = writeResults(out, inOrder(records, ids), setting, io.env)
  return tellResults(out, rows, notice, here, io)
}

function judgedIn({ lessons }: SubmissionRecord): number {
  const decided = Object.values(lessons).filter(({ judged }) => judged && judged.report.verdict !== 'error')
  return decided.length
}

function* inOrder(records: Records, ids: Set<string>): Generator<SubmissionRecord> {
  for (const id of [...ids].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))) {
    const record = records.read(id)
    if (record !== undefined) yield record
  }
}
