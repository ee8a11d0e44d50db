import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../broker/until.ts'
import { labCommand, startLab } from '../check/lab.ts'
import { csvIn, FIRST, GRADE, gradesIn, OUTCOMES, outcomesIn, THIRD, writeClass } from './a-class.ts'
import { Folder } from './zips.ts'

const LIMIT_MS = 900_000

function grade(dir: string, out: string, ...more: string[]) {
  return labCommand(['grade', dir, '--out', out, ...GRADE, '--sandbox', 'none', ...more])
}

/** When each lesson was judged. */
function moments(out: string): Record<string, string | undefined> {
  return Object.fromEntries(
    gradesIn(out).students.flatMap(({ id, lessons }) =>
      lessons.map(({ lesson, judged }) => [`${id} ${lesson}`, judged?.at]),
    ),
  )
}

/** Whose pages step through what was recorded. */
function withRecordings(out: string): string[] {
  const pages = readdirSync(join(out, 'students')).filter((name) => name.endsWith('.html'))
  return pages
    .filter((name) => readFileSync(join(out, 'students', name), 'utf8').includes('class="viewer"'))
    .map((name) => name.replace('.html', ''))
}

test(
  'a mixed class: each gets what is due, and only what changed is judged again',
  async () => {
    using folder = new Folder()
    const dir = writeClass(folder)
    const out = folder.at('grades')
    const ran = await grade(dir, out)
    expect(outcomesIn(out)).toEqual(OUTCOMES)
    expect(ran.code).toBe(0)
    expect(ran.stdout).toContain('without a sandbox')
    expect(ran.stderr).toContain('starter.ts was edited instead of exercise.ts')
    expect(ran.stderr).toContain('empty: 0 of 2 lessons, missing 01 03')
    // The endless one fell short by a time limit: it was judged twice, and both are kept.
    const endless = gradesIn(out).students.find(({ id }) => id === 'endless')
    expect(endless?.lessons.map(({ earlier }) => earlier?.why)).toEqual(['time-limit', undefined])
    for (const file of ['index.html', 'students/wrong.html', 'students/wrong.md', 'junit/wrong.xml']) {
      expect(existsSync(join(out, file)), file).toBe(true)
      expect(readFileSync(join(out, file), 'utf8').length).toBeGreaterThan(100)
    }
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain('Judged without a sandbox')
    expect(withRecordings(out)).toEqual(['broken', 'endless', 'in-starter', 'wrong'])

    const before = moments(out)
    writeFileSync(join(dir, 'broken', FIRST, 'exercise.ts'), readFileSync(join(dir, 'right', FIRST, 'exercise.ts')))
    rmSync(join(out, 'grades.json'))
    expect((await grade(dir, out)).code).toBe(0)
    const { [`broken ${FIRST}`]: again, ...others } = moments(out)
    expect(outcomesIn(out).broken?.[FIRST]).toBe('passed')
    expect(others).toEqual(Object.fromEntries(Object.entries(before).filter(([key]) => key !== `broken ${FIRST}`)))
    expect(again).not.toBe(before[`broken ${FIRST}`])
  },
  LIMIT_MS,
)

test(
  'Ctrl-C keeps what is done; started again, it goes on',
  async () => {
    using folder = new Folder()
    const dir = writeClass(folder, ['right', 'wrong', 'windows', 'zipped', 'endless'])
    const out = folder.at('grades')
    const child = startLab(['grade', dir, '--out', out, ...GRADE, '--sandbox', 'none'])
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.stdout.resume()
    child.stderr.resume()
    const judged = () =>
      existsSync(join(out, 'judged'))
        ? readdirSync(join(out, 'judged')).filter((name) =>
            /"judged":\{/.test(readFileSync(join(out, 'judged', name), 'utf8')),
          )
        : []
    await until('something to be judged', judged, (names) => names.length > 0)
    child.kill('SIGINT')
    expect(await ended).toBe(2)
    const kept = Object.entries(moments(out)).filter(([, at]) => at !== undefined)
    expect(kept.length).toBeGreaterThan(0)
    expect(outcomesIn(out).endless?.[FIRST]).toBe('not-yet')
    expect(csvIn(out, 'grades.csv').find(({ id }) => id === 'endless')?.[FIRST]).toBe('not judged yet')
    expect(csvIn(out, 'moodle.csv').map(({ useridnumber }) => useridnumber)).not.toContain('endless')

    expect((await grade(dir, out)).code).toBe(0)
    expect(moments(out)).toMatchObject(Object.fromEntries(kept))
    for (const [id, lessons] of Object.entries(outcomesIn(out)))
      expect(lessons).toEqual(OUTCOMES[id as keyof typeof OUTCOMES])
  },
  LIMIT_MS,
)

test(
  'two shards joined are the whole class',
  async () => {
    using folder = new Folder()
    const ids = ['right', 'wrong', 'windows', 'empty']
    const dir = writeClass(folder, ids)
    const shards = [folder.at('one'), folder.at('two')]
    for (const [index, out] of shards.entries())
      expect((await grade(dir, out, '--shard', `${index + 1}/2`)).code).toBe(0)
    expect(shards.map((out) => Object.keys(outcomesIn(out)))).toEqual([
      ['empty', 'windows'],
      ['right', 'wrong'],
    ])
    const merged = await labCommand(['grade', '--merge', ...shards, '--out', folder.at('all')])
    expect(merged.code).toBe(0)
    expect(merged.stdout).toContain('without a sandbox')
    expect(withRecordings(folder.at('all'))).toEqual(['wrong'])
    expect(outcomesIn(folder.at('all'))).toEqual(
      Object.fromEntries(ids.toSorted().map((id) => [id, OUTCOMES[id as keyof typeof OUTCOMES]])),
    )
  },
  LIMIT_MS,
)

test(
  'a rubric, a list of students and late days',
  async () => {
    using folder = new Folder()
    const dir = writeClass(folder, ['right', 'wrong'])
    const out = folder.at('grades')
    writeFileSync(folder.at('students.csv'), 'id,name,email,section\nright,Rita R,rita@example.org,A\n')
    writeFileSync(folder.at('at.csv'), 'id,submitted\nright,2026-12-02T12:00:00Z\nwrong,2026-11-30T12:00:00Z\n')
    const rubric = 'version: 1\npoints: 20\nlate:\n  due: 2026-12-01T13:00:00Z\n  percentADay: 10\n'
    writeFileSync(folder.at('rubric.yaml'), rubric)
    const files = [
      '--students',
      folder.at('students.csv'),
      '--submitted',
      folder.at('at.csv'),
      '--rubric',
      folder.at('rubric.yaml'),
    ]
    expect((await grade(dir, out, ...files)).code).toBe(0)
    expect(
      csvIn(out, 'grades.csv').map(({ id, name, section, ...row }) => [id, name, section, row[FIRST], row.of]),
    ).toEqual([
      ['right', 'Rita R', 'A', '18', '40'],
      ['wrong', '', '', '20', '40'],
    ])
    expect(gradesIn(out).students[1]?.lessons.find(({ lesson }) => lesson === THIRD)?.points).toBeLessThan(20)
  },
  LIMIT_MS,
)
