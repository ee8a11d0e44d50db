import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Judgement, Records } from '../../lab/grade/record.ts'
import { lessonRecord, record, report, seen } from './sample.ts'
import { Folder } from './zips.ts'

const FOURTH = '04-ack-consumer'

function judgement(at: string, more: Partial<Judgement> = {}): Judgement {
  return { report: report(FOURTH, ['passed', 'failed']), broker: null, sandbox: 'none', at, ...more }
}

/** Records with one submission, whose lesson is not judged yet. */
function recordsIn(folder: Folder, name = 'out'): Records {
  const records = new Records(folder.at(name))
  records.write(record('anna', { [FOURTH]: lessonRecord(undefined) }))
  return records
}

function seenOf(records: Records): unknown {
  const read = records.read('anna')
  return read && records.seen(read, FOURTH)
}

test('what was recorded is beside the record, and belongs to one judgement', () => {
  using folder = new Folder()
  const records = recordsIn(folder)
  expect(records.judge('anna', FOURTH, { judgement: judgement('1', { seen: seen() }) })).toBe(true)
  expect(readFileSync(join(records.folder, 'anna.json'), 'utf8')).not.toContain('packed')
  expect(seenOf(records)).toEqual(seen())
  const earlier = { judgement: judgement('1', { seen: seen() }), why: 'time-limit' as const }
  records.judge('anna', FOURTH, { judgement: judgement('2'), earlier })
  expect(records.read('anna')?.lessons[FOURTH]).toMatchObject({
    judged: { at: '2' },
    earlier: { judgement: { at: '1' } },
  })
  expect(readFileSync(join(records.folder, 'anna.json'), 'utf8')).not.toContain('packed')
  expect(seenOf(records)).toBeUndefined()
})

test('a judgement of a submission or a lesson that is not there is not kept', () => {
  using folder = new Folder()
  const records = recordsIn(folder)
  expect(records.judge('ben', FOURTH, { judgement: judgement('1') })).toBe(false)
  expect(records.judge('anna', '05-first-service', { judgement: judgement('1', { seen: seen() }) })).toBe(false)
  expect(existsSync(join(records.folder, 'anna'))).toBe(false)
})

test('a record is taken over with what was recorded', () => {
  using folder = new Folder()
  const [theirs, ours] = [recordsIn(folder, 'theirs'), new Records(folder.at('ours'))]
  theirs.judge('anna', FOURTH, { judgement: judgement('1', { seen: seen() }) })
  const read = theirs.read('anna')
  if (read) ours.take(read, theirs)
  expect(seenOf(ours)).toEqual(seen())
})

test('what is no recording is set aside, and the verdict stays', () => {
  using folder = new Folder()
  const records = recordsIn(folder)
  records.judge('anna', FOURTH, { judgement: judgement('1', { seen: seen() }) })
  const file = join(records.folder, 'anna', `${FOURTH}.json`)
  writeFileSync(file, '{"at":"1","seen":{"scenes":[{"name":"x","packed":"<script>"}],"marks":[]}}')
  expect(seenOf(records)).toBeUndefined()
  expect(existsSync(`${file}.broken`)).toBe(true)
  expect(records.read('anna')?.lessons[FOURTH]?.judged?.at).toBe('1')
})
