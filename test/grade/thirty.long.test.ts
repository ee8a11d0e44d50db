import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mistakesOf, variantsOf } from '../../lab/authors/mistakes.ts'
import { ROOT } from '../../lab/root.ts'
import { labCommand } from '../check/lab.ts'
import { FIRST, outcomesIn, THIRD } from './a-class.ts'
import { Folder, zipOf } from './zips.ts'

/**
 * Thirty mixed submissions get the expected verdicts, the same each time.
 *
 *   LAB_TEST_REPEATS=3 LAB_TEST_GRADE_BROKER=native npx vitest run test/grade/thirty.long.test.ts
 */

const REPEATS = Number(process.env.LAB_TEST_REPEATS ?? 1)
const BROKER = process.env.LAB_TEST_GRADE_BROKER ?? 'embedded'
/** On RabbitMQ they run as submissions do: in a sandbox. */
const SANDBOX = BROKER === 'embedded' ? ['--sandbox', 'none'] : []
const LIMIT_MS = 3_600_000
const BROKEN = 'export function openConnection( {\n'
const ENDLESS = 'while (true) {}\nexport function openConnection() {}\n'

type Outcome = 'passed' | 'failed' | 'missing'
const folder = new Folder()
const dir = folder.at('class')
const expected: Record<string, Record<string, Outcome>> = {}

/** Undefined: not handed in. */
interface Handed {
  first?: [source: string, outcome: Outcome] | undefined
  third?: [source: string, outcome: Outcome] | undefined
}

function write(path: string, content: string | Uint8Array): void {
  const file = join(dir, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function handIn(id: string, { first, third }: Handed, isZipped = false): void {
  const files: Record<string, string> = {
    'readme.md': 'My work.',
    ...(first ? { [`${FIRST}/exercise.ts`]: first[0] } : {}),
    ...(third ? { [`${THIRD}/exercise.ts`]: third[0] } : {}),
  }
  if (isZipped) write(`${id}.zip`, zipOf(files))
  else for (const [name, content] of Object.entries(files)) write(`${id}/${name}`, content)
  expected[id] = { [FIRST]: first?.[1] ?? 'missing', [THIRD]: third?.[1] ?? 'missing' }
}

async function rightOf(lesson: string): Promise<[string, Outcome][]> {
  const variants = (await variantsOf(ROOT, lesson)).map(({ source }) => source)
  const all = [readFileSync(join(ROOT, 'solutions', lesson, 'exercise.ts'), 'utf8'), ...variants]
  return all.map((source) => [source, 'passed'])
}

/** Those that are wrong on every RabbitMQ. */
async function wrongOf(lesson: string): Promise<[string, Outcome][]> {
  const mistakes = (await mistakesOf(ROOT, lesson)).filter(({ from }) => from === undefined)
  return mistakes.map(({ source }) => [source, 'failed'])
}

beforeAll(async () => {
  const [rightFirst, rightThird] = [await rightOf(FIRST), await rightOf(THIRD)]
  const [wrongFirst, wrongThird] = [await wrongOf(FIRST), await wrongOf(THIRD)]
  const some = <T>(all: T[], nth: number): T | undefined => all[nth % all.length]
  for (let nth = 0; nth < 9; nth++) {
    handIn(`right-${nth}`, { first: some(rightFirst, nth), third: some(rightThird, nth) })
  }
  for (let nth = 0; nth < 5; nth++) {
    handIn(`wrong-first-${nth}`, { first: some(wrongFirst, 3 * nth), third: some(rightThird, nth) })
    handIn(`wrong-third-${nth}`, { first: some(rightFirst, nth), third: some(wrongThird, 2 * nth) })
  }
  handIn('missing-first', { third: rightThird[0] })
  handIn('missing-third', { first: rightFirst[0] })
  handIn('missing-both', {})
  for (let nth = 0; nth < 2; nth++) {
    handIn(`broken-${nth}`, { first: [BROKEN, 'failed'], third: some(nth === 0 ? rightThird : wrongThird, 0) })
    handIn(`endless-${nth}`, { first: [ENDLESS, 'failed'], third: some(rightThird, nth) })
  }
  handIn('zipped-right', { first: rightFirst[0], third: rightThird[0] }, true)
  handIn('zipped-wrong', { first: wrongFirst[1], third: wrongThird[1] }, true)
  handIn('zipped-broken', { first: [BROKEN, 'failed'], third: rightThird[0] }, true)
  handIn('zipped-missing', { first: rightFirst[0] }, true)
})
afterAll(() => folder[Symbol.dispose]())

test.each(Array.from({ length: REPEATS }, (_, nth) => nth + 1))(
  'thirty mixed submissions get the expected verdicts, time %i',
  async (nth) => {
    expect(Object.keys(expected)).toHaveLength(30)
    const out = folder.at(`grades-${nth}`)
    const ran = await labCommand(['grade', dir, '--out', out, '--lessons', '1,3', '--broker', BROKER, ...SANDBOX])
    expect(ran.code, ran.stderr).toBe(0)
    expect(outcomesIn(out)).toEqual(expected)
  },
  LIMIT_MS,
)
