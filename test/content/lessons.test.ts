import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadCheck } from '../../lab/check/load.ts'
import { misconceptionsOf } from '../../lab/check/misconceptions.ts'
import { placeToRead } from '../../lab/check/reading.ts'
import { lessons, textOf } from '../../lab/lessons/catalogue.ts'
import { hintsOf } from '../../lab/lessons/hints.ts'
import { ROOT } from '../../lab/root.ts'
import { drawSequence } from '../../lab/text/draw-sequence.ts'
import { parseSequence } from '../../lab/text/mermaid.ts'
import { widthOf } from '../../lab/text/wrap.ts'

const all = await lessons(ROOT)

/** The fenced blocks of a text in one language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code = '']) => code)
}

/** The titles of the steps of a check. */
async function stepsOf(lesson: string): Promise<string[]> {
  const { expectations } = await loadCheck(lesson, ROOT)
  return [...new Set(expectations.map(({ stepTitle }) => stepTitle))]
}

test.each(all)('$name has the parts of a lesson', async (lesson) => {
  const text = await textOf(lesson)
  for (const heading of ['The idea', 'The calls', 'The task', 'How it will be checked', 'Further reading']) {
    expect(text).toMatch(new RegExp(`^## ${heading}`, 'm'))
  }
  expect(lesson.exports.length).toBeGreaterThan(0)
  expect(blocks(text, 'mermaid').length).toBeGreaterThan(0)
})

test.each(all)('$name: text, hints and check have the same steps', async (lesson) => {
  const titles = await stepsOf(lesson.name)
  expect(titles.length).toBeGreaterThanOrEqual(3)
  const text = await textOf(lesson)
  const headings = [...text.matchAll(/^### Step (\d+)\b/gm)].map(([, number]) => Number(number))
  expect(headings).toEqual(titles.map((_, i) => i + 1))
  for (const [i] of titles.entries()) expect(await hintsOf(lesson, i + 1)).toHaveLength(3)
  expect(await hintsOf(lesson, titles.length + 1)).toHaveLength(0)
})

test.each(all)('$name: its diagrams are drawn in 80 columns', async (lesson) => {
  for (const source of blocks(await textOf(lesson), 'mermaid')) {
    const lines = drawSequence(parseSequence(source), { width: 80, colour: false, unicode: true })
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80)
  }
})

test('every piece of TypeScript in the texts type-checks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))
  try {
    const files: string[] = []
    for (const lesson of all) {
      for (const [i, code] of blocks(await textOf(lesson), 'ts').entries()) {
        const file = join(folder, lesson.name, `block-${i + 1}.ts`)
        mkdirSync(join(folder, lesson.name), { recursive: true })
        writeFileSync(file, code)
        files.push(file)
      }
    }
    expect(files.length).toBeGreaterThan(0)
    const config = join(folder, 'tsconfig.json')
    writeFileSync(
      config,
      JSON.stringify({
        extends: join(ROOT, 'tsconfig.json'),
        compilerOptions: {
          module: 'esnext',
          moduleResolution: 'bundler',
          moduleDetection: 'force',
          noUnusedLocals: false,
          noUnusedParameters: false,
          typeRoots: [join(ROOT, 'node_modules', '@types')],
          paths: { '*': [join(ROOT, 'node_modules', '*')] },
        },
        files,
        include: [],
      }),
    )
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const ran = spawnSync(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' })
    expect(ran.stdout).toBe('')
    expect(ran.status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test.each(all)('$name: what to read again for a misconception is a heading of the lesson', ({ name }) => {
  const misconceptions = Object.entries(misconceptionsOf(name, ROOT))
  expect(misconceptions.length).toBeGreaterThan(0)
  for (const [id, { read }] of misconceptions) {
    expect(placeToRead(ROOT, name, read), `${id}: '${read}'`).toBeDefined()
  }
})
