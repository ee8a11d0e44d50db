import { expect, test } from 'vitest'
import { plainLessons } from '../../lab/menu/plain.ts'
import { recordReport } from '../../lab/progress/record.ts'
import { scratchProject } from '../lessons/scratch.ts'

const THEME = { width: 80, colour: false, unicode: true }
const STAND_IN = { kind: 'embedded', product: 'Cluster Up', version: '1.0.0' }

test.each([80, 60])(
  'without a terminal the lessons, their state and the commands are text: %i columns',
  async (width) => {
    using project = scratchProject()
    const answer = 'export const answer = 42\n'
    project.write('lessons/01-first-steps/exercise.ts', answer)
    await recordReport(
      project.root,
      {
        lesson: '01-first-steps',
        verdict: 'passed',
        working: true,
        durationMs: 1,
        solutionsUsed: [],
        expectations: [],
      },
      STAND_IN,
      answer,
    )
    const text = await plainLessons({ root: project.root, theme: { ...THEME, width } })
    await expect(text).toMatchFileSnapshot(`golden/plain-${width}.txt`)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width)
  },
)
