import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type FoundClass, findClass } from '../../lab/grade/submission/find.ts'
import { layoutOf } from '../../lab/grade/submission/layout.ts'
import { treeOf } from '../../lab/grade/submission/tree.ts'
import { Folder, zipOf } from './zips.ts'

const STARTER = 'export function begin() {}\n'
const LESSONS = [
  { name: '01-first-connection', number: 1, starterText: STARTER },
  { name: '04-ack-consumer', number: 4, starterText: STARTER },
]
const OWN = 'export function begin() { return 1 }\n'

function write(folder: Folder, files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(folder.at('in', name)), { recursive: true })
    writeFileSync(folder.at('in', name), content)
  }
}

function find(folder: Folder, inside = ''): Promise<FoundClass> {
  return findClass(join(folder.at('in'), inside), {
    lessons: LESSONS,
    scratch: folder.at('scratch'),
    out: folder.at('in', 'grades'),
  })
}

/** Which lessons are found for whom, and where. */
async function paths(folder: Folder, inside = ''): Promise<Record<string, Record<string, string>>> {
  const { handed } = await find(folder, inside)
  return Object.fromEntries(
    handed.map(({ id, folder: own }) => {
      const exercises = own === undefined ? [] : [...layoutOf(own, LESSONS).exercises]
      return [id, Object.fromEntries(exercises.map(([lesson, { path }]) => [lesson, path]))]
    }),
  )
}

function oneFound(folder: Folder) {
  return layoutOf(folder.at('in'), LESSONS)
}

test('a folder or a zip each; the folder of results and loose files are none', async () => {
  using folder = new Folder()
  write(folder, {
    'anna/01-first-connection/exercise.ts': OWN,
    'ben.zip': zipOf({ '01-first-connection/exercise.ts': OWN }),
    'cara.zip': zipOf({ 'my work/lessons/04-ack-consumer/exercise.ts': OWN }),
    'dan/handin.zip': zipOf({ '04/exercise.ts': OWN }),
    'empty/readme.md': 'nothing yet',
    'grades/judged/anna.json': '{}',
    'students.csv': 'id\nanna\n',
  })
  expect(await paths(folder)).toEqual({
    anna: { '01-first-connection': '01-first-connection/exercise.ts' },
    ben: { '01-first-connection': '01-first-connection/exercise.ts' },
    cara: { '04-ack-consumer': 'my work/lessons/04-ack-consumer/exercise.ts' },
    dan: { '04-ack-consumer': '04/exercise.ts' },
    empty: {},
  })
  expect((await find(folder)).ignored).toEqual(['students.csv'])
})

test.each([
  ['given itself', 'class.zip'],
  ['in a folder', ''],
])("Moodle's zip of all, %s", async (_, inside) => {
  using folder = new Folder()
  write(folder, {
    'class.zip': zipOf({
      'Anna A_101_assignsubmission_file_/01-first-connection/exercise.ts': OWN,
      'Ben B_102_assignsubmission_file_/hand-in.zip': zipOf({ 'lessons/04-ack-consumer/exercise.ts': OWN }),
      'Cara C_103_assignsubmission_file_04-ack-consumer.ts': OWN,
    }),
  })
  expect(await paths(folder, inside)).toEqual({
    'Anna A_101': { '01-first-connection': '01-first-connection/exercise.ts' },
    'Ben B_102': { '04-ack-consumer': 'lessons/04-ack-consumer/exercise.ts' },
    'Cara C_103': { '04-ack-consumer': '04-ack-consumer.ts' },
  })
})

test("Gradescope's zip of all", async () => {
  using folder = new Folder()
  write(folder, {
    'export.zip': zipOf({
      'assignment_7_export/submission_1/01-first-connection/exercise.ts': OWN,
      'assignment_7_export/submission_2/lessons/01-first-connection/exercise.ts': OWN,
      'assignment_7_export/submission_metadata.yml': 'x: 1',
    }),
  })
  expect(Object.keys(await paths(folder))).toEqual(['submission_1', 'submission_2'])
})

test('one student alone is one submission, in a folder or in a zip', async () => {
  using folder = new Folder()
  write(folder, {
    'anna.zip': zipOf({ 'x/01-first-connection/exercise.ts': OWN, 'x/04-ack-consumer/exercise.ts': OWN }),
  })
  expect(Object.keys(await paths(folder))).toEqual(['anna'])
})

test('a zip that can not be unpacked is a submission without files, and says why', async () => {
  using folder = new Folder()
  write(folder, { 'anna.zip': Buffer.from('broken'), 'ben/01/exercise.ts': OWN })
  const [anna] = (await find(folder)).handed
  expect(anna).toMatchObject({ id: 'anna', folder: undefined })
  expect(anna?.notes[0]).toMatch(/^anna\.zip can't be unpacked: /)
})

test('where there is nothing, it says what to give', async () => {
  using folder = new Folder()
  write(folder, { 'readme.txt': '' })
  await expect(find(folder)).rejects.toMatchObject({ code: 'no-submissions' })
  await expect(find(folder, 'not-there')).rejects.toMatchObject({ code: 'no-submissions' })
})

test('a copy of the whole lab: only lessons/ is the student’s', () => {
  using folder = new Folder()
  write(folder, {
    'lessons/04-ack-consumer/exercise.ts': OWN,
    'lessons/04-ack-consumer/starter.ts': STARTER,
    'solutions/01-first-connection/exercise.ts': 'the solution',
    'variants/04-ack-consumer/exercise.ts': 'a variant',
  })
  const { exercises } = oneFound(folder)
  expect([...exercises.keys()]).toEqual(['04-ack-consumer'])
  expect(exercises.get('04-ack-consumer')?.text).toBe(OWN)
})

test.each([
  ['instead of exercise.ts', {}],
  ['while exercise.ts stayed as it was', { '04-ack-consumer/exercise.ts': STARTER }],
])('starter.ts edited %s is judged, and told', (_, more) => {
  using folder = new Folder()
  write(folder, { '04-ack-consumer/starter.ts': OWN, ...more })
  const found = oneFound(folder).exercises.get('04-ack-consumer')
  expect(found?.text).toBe(OWN)
  expect(found?.notes[0]).toContain('starter.ts was edited')
})

test('of two files the one in lessons/ counts, and the other is told', () => {
  using folder = new Folder()
  write(folder, { '04-ack-consumer/exercise.ts': 'old', 'work/lessons/04-ack-consumer/exercise.ts': OWN })
  const found = oneFound(folder).exercises.get('04-ack-consumer')
  expect(found?.path).toBe('work/lessons/04-ack-consumer/exercise.ts')
  expect(found?.notes).toEqual(['There is also 04-ack-consumer/exercise.ts, which was not judged.'])
})

test.each([
  ['a byte order mark and line ends of Windows', Buffer.from(`\ufeff${OWN.replaceAll('\n', '\r\n')}`)],
  ['UTF-16, as old editors write it', Buffer.from(`\ufeff${OWN}`, 'utf16le')],
])('%s: the file is the same', (_, bytes) => {
  using folder = new Folder()
  write(folder, { '04-ack-consumer/exercise.ts': bytes })
  expect(oneFound(folder).exercises.get('04-ack-consumer')?.text).toBe(OWN)
})

test('where one lesson is judged, its file may lie anywhere, but not in the folder of another lesson', () => {
  using folder = new Folder()
  const [first] = LESSONS
  write(folder, { '04-ack-consumer/exercise.ts': 'another' })
  const layout = () => layoutOf(folder.at('in'), first ? [first] : [], LESSONS)
  expect(layout().exercises.size).toBe(0)
  write(folder, { 'my work/exercise.ts': OWN })
  expect(layout().exercises.get('01-first-connection')).toMatchObject({ path: 'my work/exercise.ts', notes: [] })
})

test('a link is never followed', () => {
  using folder = new Folder()
  write(folder, { '01-first-connection/exercise.ts': OWN, '04-ack-consumer/helper.ts': '' })
  symlinkSync('/etc/passwd', folder.at('in', '04-ack-consumer', 'exercise.ts'))
  symlinkSync('/etc', folder.at('in', 'etc'))
  const { exercises, notes } = oneFound(folder)
  expect([...exercises.keys()]).toEqual(['01-first-connection'])
  expect(notes).toEqual([
    'etc is a link or a special file, so it was not read.',
    '04-ack-consumer/exercise.ts is a link or a special file, so it was not read.',
  ])
})

test('what is no source file is not judged', () => {
  using folder = new Folder()
  write(folder, {
    '04/exercise.ts': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]),
    '01/exercise.ts': 'x'.repeat(600_000),
  })
  expect(oneFound(folder).exercises.size).toBe(0)
})

test('the tree that is judged has the shape that checks know, with the helpers', () => {
  using folder = new Folder()
  write(folder, {
    'hand in/lessons/Lesson 4/exercise.ts': OWN,
    'hand in/lessons/Lesson 4/lib/helper.ts': 'helper',
    'hand in/lessons/shared/time.ts': 'shared',
    'hand in/lessons/package.json': '{ "type": "commonjs" }',
    'hand in/notes.md': 'notes',
  })
  const files = treeOf(folder.at('in'), oneFound(folder), LESSONS)
  expect(files.map(({ path }) => path).sort()).toEqual([
    '04-ack-consumer/exercise.ts',
    '04-ack-consumer/lib/helper.ts',
    'shared/time.ts',
  ])
  expect(readFileSync(folder.at('in', 'hand in/notes.md'), 'utf8')).toBe('notes')
})
