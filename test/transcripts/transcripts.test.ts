import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { mistakesOf } from '../../lab/authors/mistakes.ts'
import { inTreeOfItsOwn } from '../../lab/authors/tree.ts'
import { Session } from '../../lab/check/session.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { reportText } from '../../lab/report/text.ts'
import { ROOT } from '../../lab/root.ts'
import { widthOf } from '../../lab/text/wrap.ts'
import { normalised } from './normalised.ts'

/*
 * What `check` prints for a mistake, two mistakes a lesson: golden/NN-NAME.txt. One more: make an empty file of that
 * name. To record them all again:
 *
 *   npm run test:lab -- test/transcripts -u
 */
const all = await lessons(ROOT)
const transcripts = readdirSync(join(import.meta.dirname, 'golden')).flatMap((file) => {
  const [, number, name = ''] = /^(\d\d)-(.+)\.txt$/.exec(file) ?? []
  const lesson = all.find((one) => one.name.startsWith(`${number}-`))
  return lesson ? [{ file, lesson, name }] : []
})
const session = new Session({
  root: ROOT,
  broker: { kind: 'embedded' },
  exports: Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports])),
})
afterAll(() => session[Symbol.asyncDispose]())

// Most of the time each waits for what happens in its scenarios.
test.concurrent.for(transcripts)('$file', async ({ file, lesson, name }, { expect }) => {
  const mistake = (await mistakesOf(ROOT, lesson.name)).find((one) => one.name === name)
  expect(mistake, `mistakes/${lesson.name}/${name}`).toBeDefined()
  const report = await inTreeOfItsOwn(lesson.name, mistake?.source ?? '', (tree) =>
    // With vitest it takes half as much computing again, and prints the same.
    session.check({ lessons: [lesson.name], tree, directly: true }),
  )
  const titles = { [lesson.name]: lesson.title }
  const text = reportText(normalised(report), { width: 80, colour: false, unicode: true }, { titles })
  // What is drawn fits; what the student's process printed, and stacks, keep their shape.
  for (const line of text.split('\n').filter((one) => /[│─]/.test(one))) expect(widthOf(line)).toBeLessThanOrEqual(80)
  await expect(text).toMatchFileSnapshot(`golden/${file}`)
})

test('every lesson has two transcripts', () => {
  const counts = new Map<string, number>()
  for (const { lesson } of transcripts) counts.set(lesson.name, (counts.get(lesson.name) ?? 0) + 1)
  expect(counts.size).toBe(all.length)
  for (const [lesson, count] of counts) expect(count, lesson).toBe(2)
})
