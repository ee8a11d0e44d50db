import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Similarity } from '../../lab/grade/similar.ts'
import { ROOT } from '../../lab/root.ts'

const FIFTH = '05-first-service'
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8')
const variant = (name: string) => read('variants', FIFTH, `${name}.ts`)

function similarity(codes: Record<string, string>, lesson = FIFTH) {
  const background = [read('lessons', FIFTH, 'starter.ts'), read('solutions', FIFTH, 'exercise.ts')]
  const about = {
    name: lesson,
    number: Number(lesson.slice(0, 2)),
    title: '',
    misconceptions: {},
    hints: {},
    background,
  }
  const similar = new Similarity([about])
  for (const [id, code] of Object.entries(codes)) similar.add(lesson, { id, file: id }, code)
  return similar.pairs().map(({ one, other }) => [one.id, other.id].sort().join(' and '))
}

test('a copy with other names, texts and comments is found', () => {
  const original = variant('class-with-chains')
  const copy = original
    .replaceAll('connection', 'verbindung')
    .replaceAll(/'[^'\n]*'/g, (text) => (text.includes('/') || text.includes('amqplib') ? text : `'x'`))
  expect(copy).not.toBe(original)
  expect(similarity({ anna: original, ben: `// mine\n${copy}`, cara: variant('callbacks') })).toEqual(['anna and ben'])
})

test('work in different styles is not alike', () => {
  expect(similarity({ anna: variant('class-with-chains'), ben: variant('callbacks') })).toEqual([])
})

test('what both have from the solution does not count', () => {
  const solution = read('solutions', FIFTH, 'exercise.ts')
  expect(similarity({ anna: solution, ben: solution })).toEqual([])
})

test('short lessons are not compared, and a file that is no program is passed over', () => {
  const code = variant('class-with-chains')
  expect(similarity({ anna: code, ben: code }, '04-ack-consumer')).toEqual([])
  expect(similarity({ anna: 'export function {', ben: 'export function {' })).toEqual([])
})
