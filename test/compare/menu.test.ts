import { expect, test } from 'vitest'
import { LabError } from '../../lab/errors.ts'
import type { MenuOptions } from '../../lab/menu/context.ts'
import { menu } from '../../lab/menu/menu.ts'
import { recordReport } from '../../lab/progress/record.ts'
import type { LessonReport } from '../../lab/report/report.ts'
import { type Scratch, scratchProject } from '../lessons/scratch.ts'
import { KEYS, Terminal } from '../menu/terminal.ts'

const PASS: LessonReport = {
  lesson: '01-first-steps',
  verdict: 'passed',
  working: true,
  durationMs: 1,
  solutionsUsed: [],
  expectations: [{ step: 1, title: 'answers', verdict: 'passed' }],
}

async function atTheLesson(project: Scratch, options: Partial<MenuOptions>) {
  const terminal = new Terminal()
  const left = menu({
    root: project.root,
    io: { stdin: terminal.stdin, stdout: terminal.stdout },
    look: { width: 80, colour: false, unicode: true },
    check: async () => PASS,
    printReport: () => {},
    statusLine: () => '',
    signals: terminal.signals,
    ...options,
  })
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('❯  r  read the lesson')
  return { terminal, left }
}

test('comparing asks first, and after a pass it does not', async () => {
  using project = scratchProject()
  let compared = 0
  const compare: MenuOptions['compare'] = async (lesson) => `BOTH OF ${lesson.name}, ${++compared}`
  const { terminal, left } = await atTheLesson(project, { compare })
  expect(terminal.screen).toContain('m  compare with the solution')
  terminal.press('m')
  await terminal.shows('You have not passed this lesson yet')
  terminal.press(KEYS.enter)
  await terminal.shows('❯  m  compare with the solution')
  expect(compared).toBe(0)
  terminal.press('m')
  await terminal.shows('show me both')
  terminal.press('y')
  await terminal.shows('BOTH OF 01-first-steps, 1')
  await terminal.shows('❯  m  compare with the solution')
  await recordReport(project.root, PASS, { kind: 'container', product: 'RabbitMQ', version: '4.3.6' }, 'x')
  terminal.press('m')
  await terminal.shows('BOTH OF 01-first-steps, 2')
  await terminal.shows('❯  m  compare with the solution')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('where nothing can be compared the menu says so and stays', async () => {
  using project = scratchProject()
  const compare = async () => {
    throw new LabError('nothing-to-compare', 'There is no exercise to compare.', { advice: 'Read the lesson.' })
  }
  const { terminal, left } = await atTheLesson(project, { compare })
  terminal.press('m')
  await terminal.shows('show me both')
  terminal.press('y')
  await terminal.shows('There is no exercise to compare. Read the lesson.')
  await terminal.shows('❯  m  compare with the solution')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('Ctrl-C while both are checked leaves, with its signal', async () => {
  using project = scratchProject()
  const begun = Promise.withResolvers<void>()
  const compare: MenuOptions['compare'] = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      begun.resolve()
    })
  const { terminal, left } = await atTheLesson(project, { compare })
  terminal.press('m')
  await terminal.shows('show me both')
  terminal.press('y')
  await begun.promise
  terminal.signals.emit('SIGINT')
  expect(await left).toBe(130)
})

test('who is given no way to compare is not offered it', async () => {
  using project = scratchProject()
  const { terminal, left } = await atTheLesson(project, {})
  expect(terminal.screen).not.toContain('compare')
  terminal.press('q')
  expect(await left).toBe(0)
})
