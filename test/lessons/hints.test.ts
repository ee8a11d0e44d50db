import { expect, test } from 'vitest'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { hintsOf, parseHints } from '../../lab/lessons/hints.ts'
import { HINTS, scratchProject } from './scratch.ts'

test('a step has three hints, with their paragraphs and their code', async () => {
  using project = scratchProject()
  const [lesson] = await lessons(project.root)
  if (!lesson) throw new Error('no lesson')
  expect(await hintsOf(lesson, 1)).toEqual([
    'Who is asked first?',
    'Call [connect](https://example.org/connect).\n\nIt returns a promise.',
    'Fill the blank:\n\n```ts\n## not a heading\n1. not an item\nawait ____(url)\n```',
  ])
  expect(await hintsOf(lesson, 2)).toHaveLength(3)
  expect(await hintsOf(lesson, 9)).toEqual([])
})

test('a lesson without hints.md has none', async () => {
  using project = scratchProject()
  const [lesson] = await lessons(project.root)
  expect(lesson && (await hintsOf({ ...lesson, hints: project.path('nowhere.md') }, 1))).toEqual([])
})

const BROKEN: [string, string, string][] = [
  ['a heading is no step', HINTS.replace('## Step 2: waiting', '## Waiting'), "h.md, line 17: 'Waiting' isn't a step."],
  ['a step is there twice', HINTS.replace('## Step 2', '## Step 1'), 'h.md, line 17: step 1 appears twice.'],
  ['a hint is missing', HINTS.replace('2. Use', 'Use'), 'h.md, line 17: step 2 has 2 hints, not 3.'],
  [
    'the blank is missing',
    HINTS.replace('`await ____', '`await sleep'),
    'the third hint of step 2 has 0 blanks, not one.',
  ],
]

test.each(BROKEN)('when %s, file and line are named', (_, text, message) => {
  expect(() => parseHints(text, 'h.md')).toThrow(message)
})
