import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findLesson, lessons, textOf } from '../../lab/lessons/catalogue.ts'
import { tree } from '../../lab/lessons/tree.ts'
import { emptyProject, lessonText, STARTER, scratchProject } from './scratch.ts'

test('the lessons are the folders, in the order of their numbers', async () => {
  using project = scratchProject()
  const all = await lessons(project.root)
  expect(all.map(({ name }) => name)).toEqual(['01-first-steps', '02-second-steps', '05-whole-program'])
  expect(all[1]).toMatchObject({
    number: 2,
    title: 'Second steps',
    minutes: 15,
    buildsOn: ['01-first-steps'],
    exports: ['answer'],
    exercise: project.path('lessons/02-second-steps/exercise.ts'),
    solution: project.path('solutions/02-second-steps/exercise.ts'),
  })
})

test('the text of a lesson comes without its front matter', async () => {
  using project = scratchProject()
  const [first] = await lessons(project.root)
  expect(first && (await textOf(first))).toBe('\n# First steps\n\nThe story of **First steps**.\n')
})

test.each(['2', '02', '02-second-steps'])('%s names lesson 02', async (asked) => {
  using project = scratchProject()
  expect(findLesson(await lessons(project.root), asked).name).toBe('02-second-steps')
})

test.each(['3', 'second-steps', '', '002', '-1'])(
  "'%s' names no lesson, and the error lists those that there are",
  async (asked) => {
    using project = scratchProject()
    const all = await lessons(project.root)
    const advice =
      'These are the lessons: 01-first-steps, 02-second-steps, 05-whole-program. A number is enough: 2 or 02.'
    expect(() => findLesson(all, asked)).toThrow(expect.objectContaining({ code: 'no-such-lesson', advice }))
  },
)

test("a folder with nothing but a student's exercise is no lesson", async () => {
  using project = scratchProject()
  project.write('lessons/07-later/exercise.ts', '// mine')
  project.write('lessons/notes/mine.md', 'mine')
  expect((await lessons(project.root)).map(({ name }) => name)).not.toContain('07-later')
})

const BROKEN: [string, string, string][] = [
  ['has no front matter', '# Text\n', 'lessons/01-a/lesson.md, line 1: there is no front matter.'],
  ['lacks a key', '---\ntitle: A\nbuildsOn: []\nexports: [a]\n---\n', "lessons/01-a/lesson.md, line 1: 'minutes':"],
  [
    'has a wrong value',
    '---\ntitle: A\nminutes: soon\nbuildsOn: []\nexports: [a]\n---\n',
    "lesson.md, line 3: 'minutes':",
  ],
  ['has a key too many', lessonText('A').replace('---\n\n', 'author: me\n---\n\n'), "lesson.md, line 6: 'author':"],
  ['is no YAML', '---\ntitle: A\nminutes: [\n---\n', "the front matter can't be read:"],
  [
    'builds on what is not there',
    lessonText('A', ['00-b']),
    "lesson.md, line 4: it builds on '00-b', which isn't a lesson.",
  ],
  [
    'builds on what comes later',
    lessonText('A', ['02-b']),
    "lesson.md, line 4: it builds on '02-b', which comes later.",
  ],
]

test.each(BROKEN)('a lesson that %s is named with file, line and reason', async (_, text, message) => {
  using project = emptyProject()
  project.write('lessons/01-a/lesson.md', text)
  project.write('lessons/02-b/lesson.md', lessonText('B'))
  const error = await lessons(project.root).catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'lesson-broken', advice: expect.stringMatching(/./) })
  expect((error as Error).message).toContain(message)
})

test('a lesson without its text, two with one number, and no lesson at all are errors', async () => {
  using project = emptyProject()
  await expect(lessons(project.root)).rejects.toMatchObject({ code: 'no-lessons' })
  project.write('lessons/01-a/starter.ts', STARTER)
  await expect(lessons(project.root)).rejects.toThrow('lessons/01-a has no lesson.md.')
  project.write('lessons/01-a/lesson.md', lessonText('A'))
  project.write('lessons/01-b/lesson.md', lessonText('B'))
  await expect(lessons(project.root)).rejects.toThrow('Two lessons have the same number: 01-a and 01-b.')
})

test("a tree says where a lesson's exercise is", async () => {
  using project = scratchProject()
  project.write('home/anna/01-first-steps/exercise.ts', '// anna')
  const lesson = { name: '01-first-steps' }
  const own = await tree(project.root)
  expect(own).toMatchObject({ isStudents: true, dir: project.path('lessons') })
  expect(own.file(lesson)).toBe(project.path('lessons/01-first-steps/exercise.ts'))
  const annas = await tree(project.root, 'anna', project.path('home'))
  expect(annas).toMatchObject({ isStudents: false })
  expect(annas.file(lesson)).toBe(project.path('home/anna/01-first-steps/exercise.ts'))
})

test('what is no tree is said to be none', async () => {
  using project = scratchProject()
  project.write('home/anna/01-first-steps/exercise.ts', '// anna')
  const from = project.path('home')
  await expect(tree(project.root, 'bert', from)).rejects.toThrow(`${join(from, 'bert')} isn't a folder.`)
  await expect(tree(project.root, '.', from)).rejects.toThrow(`${from} contains no lesson.`)
  await expect(tree(project.root, 'anna/01-first-steps', from)).rejects.toMatchObject({
    advice: expect.stringContaining("one lesson's own folder"),
  })
})
