import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { forbiddenIn, importsOf } from '../../lab/architecture/imports.ts'
import { picture } from '../../lab/architecture/picture.ts'

/** What each project has: files that all may import, and one of some folders. */
const COMMON = {
  'lab/errors.ts': 'export const error = 1\n',
  'lab/text/theme.ts': 'export interface Look { width: number }\n',
  'lab/recording/recorder.ts': 'export const recorder = 1\n',
  'checks/04.check.ts': "import { recorder } from '../lab/recording/recorder.ts'\nexport const check = recorder\n",
}

async function importsIn(files: Record<string, string>) {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'cluster-up-imports-')))
  try {
    for (const [name, content] of Object.entries({ ...COMMON, ...files })) {
      mkdirSync(dirname(join(project, name)), { recursive: true })
      writeFileSync(join(project, name), content)
    }
    return await importsOf(['lab', 'checks'], project)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

test.each<[string, Record<string, string>, string[]]>([
  ['what the table allows', { 'lab/wire/wire.ts': "import '../recording/recorder.ts'\nimport '../errors.ts'\n" }, []],
  [
    'a folder that the line does not name',
    { 'lab/wire/wire.ts': "import '../text/theme.ts'\n" },
    ['lab/wire: lab/wire/wire.ts -> lab/text/theme.ts'],
  ],
  [
    'a type',
    { 'lab/amqp/plain.ts': "import type { Look } from '../text/theme.ts'\nexport type Plain = Look\n" },
    ['lab/amqp: lab/amqp/plain.ts -> lab/text/theme.ts'],
  ],
  [
    'an import that waits until it is needed, behind a `using`',
    {
      'lab/amqp/later.ts': "export async function later() {\n  using x = y()\n  await import('../text/theme.ts')\n}\n",
    },
    ['lab/amqp: lab/amqp/later.ts -> lab/text/theme.ts'],
  ],
  [
    'a screen, by a check in a folder of its own',
    { 'checks/05-first-service/check.ts': "import '../../lab/text/theme.ts'\n" },
    ['checks: checks/05-first-service/check.ts -> lab/text/theme.ts'],
  ],
  [
    'a check, by the lab',
    { 'lab/commands/check.ts': "import '../../checks/04.check.ts'\nimport '../text/theme.ts'\n" },
    ['lab/commands: lab/commands/check.ts -> checks/04.check.ts'],
  ],
  [
    'a folder without a line',
    {
      'lab/attic/box.ts': "import '../text/theme.ts'\nimport './lid.ts'\n",
      'lab/attic/lid.ts': "import '../errors.ts'\n",
    },
    ['row-missing: lab/attic/box.ts -> lab/text/theme.ts'],
  ],
  [
    'a folder, by what belongs to all',
    { 'lab/root.ts': "import './text/theme.ts'\n" },
    ['for-all: lab/root.ts -> lab/text/theme.ts'],
  ],
  [
    'a circle that is closed by a type',
    {
      'lab/amqp/a.ts': "export const a = () => import('./b.ts')\n",
      'lab/amqp/b.ts': "import type { a } from './a.ts'\nexport type B = typeof a\n",
    },
    ['no-circular: lab/amqp/a.ts -> lab/amqp/b.ts'],
  ],
  ['what is not there', { 'lab/amqp/a.ts': "import './b.ts'\n" }, ['not-found: lab/amqp/a.ts -> ./b.ts']],
])('the rules of docs/architecture.md: %s', async (_title, files, expected) => {
  const { summary } = await importsIn(files)
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual(expected)
})

test('what is forbidden is told with the line of the table that forbids it', async () => {
  const imports = await importsIn({ 'lab/wire/wire.ts': "import '../text/theme.ts'\n" })
  const told = await forbiddenIn(imports)
  expect(told).toContain('lab/wire/wire.ts')
  expect(told).toContain('lab/wire may import: amqp, recording (docs/architecture.md says why).')
})

test('the picture leaves out arrows that others imply', async () => {
  const imports = await importsIn({
    'lab/student/child.ts': "import '../recording/recorder.ts'\n",
    'lab/check/check.ts': "import '../student/child.ts'\nimport '../recording/recorder.ts'\nimport '../errors.ts'\n",
    'lab/commands/check.ts': "import '../check/check.ts'\n",
  })
  expect(picture(imports)).toBe(
    [
      'flowchart TD',
      '  check --> student',
      '  checks --> recording',
      '  recording',
      '  student --> recording',
      '  text',
      '',
    ].join('\n'),
  )
})
