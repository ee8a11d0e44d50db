import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Checking } from '../../lab/current/current-lesson.ts'
import { LabError } from '../../lab/errors.ts'
import type { MenuOptions } from '../../lab/menu/options.ts'
import { recordReport } from '../../lab/progress/record.ts'
import { scratchProject } from '../lessons/scratch.ts'
import { checker, open, RABBITMQ, report, STAND_IN, start } from './fakes.ts'
import { KEYS } from './screen.ts'
import { Terminal } from './terminal.ts'

const FIRST = 'lessons/01-first-steps/exercise.ts'

test('the screen of a lesson: the verdict, the steps, what falls short, the status and the keys', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project, {}, new Terminal({ rows: 16 }))
  const screen = (await terminal.shows('Not yet')).replace(/\d\d:\d\d:\d\d/, 'TIME')
  expect(screen).toBe(
    [
      '01 First steps   lessons/01-first-steps/exercise.ts',
      '',
      '✘ Not yet on RabbitMQ 4.3.6 (container), 0.0 s: 1 of 1 expectation failed.',
      'Steps:  ✘ 1',
      '',
      'Step 1 of 1: It answers',
      '✘ answers',
      '',
      '',
      '',
      '',
      '',
      '',
      'Watching exercise.ts: each save is checked.',
      '01 First steps · step 1 of 1 · RabbitMQ 4.3.6 (container) · ░░░░░░░░░░░░ 0/3',
      'd read  h hint  r check  t trace  o open  p predict  l list  ? help  q quit',
    ].join('\n'),
  )
  terminal.press('q')
  expect(await left).toBe(0)
  expect(terminal.signals.eventNames()).toEqual([])
})

test('a lesson opens with its text and its question; nothing is checked before the first save', async () => {
  using project = scratchProject()
  project.write('lessons/01-first-steps/quiz.yaml', QUIZ)
  let checks = 0
  const check: MenuOptions['check'] = (...given) => {
    checks++
    return checker(project)(...given)
  }
  const { terminal, left } = open(project, { check })
  await terminal.shows('The story of First steps.')
  // A key that means nothing here does not end the reading.
  terminal.press(`j${KEYS.enter}`)
  expect(await terminal.shows('What does the answer look like?')).toContain('❯ A number')
  terminal.press(`${KEYS.down}${KEYS.enter}`)
  expect(await terminal.shows('This is the starter.')).toContain('Your prediction is kept.')
  expect(checks).toBe(0)
  project.write(FIRST, 'export const answer = 42\n')
  await terminal.shows('✔ Passed on RabbitMQ')
  const passed = await terminal.shows('You predicted: A word')
  expect(checks).toBe(1)
  expect(passed).toContain('Not quite. Words are never exported.')
  expect(passed).toContain('The recording shows it: 42 went over the wire.')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('? tells what checks run on, and why not on another broker', async () => {
  using project = scratchProject()
  const passedOver = () => ['container: No Docker engine answers.']
  const { terminal, left } = start(project, { passedOver })
  await terminal.shows('Not yet')
  terminal.press(`?${KEYS.end}`)
  const why = 'Broker: RabbitMQ 4.3.6 (container).\ncontainer: No Docker engine answers.'
  expect(await terminal.shows('container: No Docker')).toContain(why)
  terminal.press(`${KEYS.enter}q`)
  expect(await left).toBe(0)
})

test('Esc leaves the question open, and p asks it again', async () => {
  using project = scratchProject()
  project.write('lessons/01-first-steps/quiz.yaml', QUIZ)
  const { terminal, left } = open(project)
  await terminal.shows('The story of First steps.')
  terminal.press(KEYS.enter)
  await terminal.shows('What does the answer look like?')
  terminal.press(KEYS.escape)
  await terminal.shows('This is the starter.')
  terminal.press('p')
  await terminal.shows('❯ A number')
  terminal.press(KEYS.enter)
  await terminal.shows('You predicted: A number')
  terminal.press('q')
  expect(await left).toBe(0)
  // Read once, it is not shown by itself again.
  const again = open(project)
  await again.terminal.shows('This is the starter.')
  again.terminal.press('p')
  await again.terminal.shows('You predicted: A number')
  again.terminal.press('q')
  expect(await again.left).toBe(0)
})

const QUIZ = `question: What does the answer look like?
choices:
  - text: A number
    right: true
    why: It counts.
  - text: A word
    why: Words are never exported.
shown: 42 went over the wire.
`

test('a save in the middle of a check ends it, and another begins; how far it is can be seen', async () => {
  using project = scratchProject()
  const begun: Checking[] = []
  const check: MenuOptions['check'] = (lesson, checking) => {
    begun.push(checking)
    if (readFileSync(lesson.exercise, 'utf8').includes('42')) return checker(project)(lesson, checking)
    checking.onProgress({ decided: 3, total: 8, awaiting: 'waits between attempts' })
    return new Promise((_, reject) => {
      checking.signal.addEventListener('abort', () => reject(checking.signal.reason), { once: true })
    })
  }
  const { terminal, left } = start(project, { check })
  await terminal.shows(/Checking, \d s; 3 of 8 decided; now: waits between attempts/)
  project.write(FIRST, 'export const answer = 42\n')
  await terminal.shows('✔ Passed on RabbitMQ')
  expect(begun.map(({ signal }) => signal.aborted)).toEqual([true, false])
  terminal.press('q')
  expect(await left).toBe(0)
})

test('what a key was answered is gone with the next result, and n goes on as soon as that is seen', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('Not yet')
  terminal.press('n')
  await terminal.shows('Lesson 02 opens when step 1 of 01 passes.')
  project.write(FIRST, 'export const answer = 42\n')
  expect(await terminal.shows('✔ Passed on RabbitMQ')).not.toContain('Lesson 02 opens')
  terminal.press('n')
  await terminal.shows(/^02 /)
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a pass on a stand-in is confirmed by itself when RabbitMQ is ready, and not before', async () => {
  using project = scratchProject()
  project.write(FIRST, 'export const answer = 42\n')
  const ready = Promise.withResolvers<boolean>()
  const { terminal, left } = start(project, {
    check: checker(project, STAND_IN),
    confirm: checker(project, RABBITMQ),
    whenAuthoritative: () => ready.promise,
  })
  expect(await terminal.shows('Passed on A stand-in')).toContain('but RabbitMQ decides')
  await terminal.shows('passed (embedded), not yet on RabbitMQ')
  ready.resolve(true)
  await terminal.shows('✔ Passed on RabbitMQ 4.3.6 (container)')
  await terminal.shows('01 First steps – passed   ')
  terminal.press('q')
  expect(await left).toBe(0)
})

test("what the lab's own broker can not judge is judged by RabbitMQ when that is ready", async () => {
  using project = scratchProject()
  const ready = Promise.withResolvers<boolean>()
  const { terminal, left } = start(project, {
    check: async (lesson) => ({ report: report(lesson.name, 'not-judged'), broker: STAND_IN }),
    confirm: async (lesson) => ({ report: report(lesson.name, 'passed'), broker: RABBITMQ }),
    whenAuthoritative: () => ready.promise,
  })
  await terminal.shows('but RabbitMQ decides')
  ready.resolve(true)
  await terminal.shows('✔ Passed on RabbitMQ 4.3.6 (container)')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('what another window or command achieved is seen', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('0/3')
  await recordReport(project.root, report('02-second-steps', 'passed'), RABBITMQ, 'x')
  await terminal.shows('1/3')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('the list: arrows, numbers, words, a state, and a lesson that is not open yet', async () => {
  using project = scratchProject()
  await recordReport(project.root, report('01-first-steps', 'passed'), RABBITMQ, 'x')
  const { terminal, left } = start(project)
  await terminal.shows('Not yet')
  terminal.press('l')
  await terminal.shows('❯  2    Second steps')
  terminal.press(KEYS.up)
  await terminal.shows('❯  1')
  terminal.press('open')
  expect(await terminal.shows('Search: open')).not.toContain('The whole program')
  terminal.press('\u0015passed')
  expect(await terminal.shows('Search: passed')).not.toContain('Second steps')
  terminal.press('\u0015whole')
  await terminal.shows('❯  5    The whole program')
  terminal.press(KEYS.enter)
  await terminal.shows('Lesson 05 opens when 02 works.')
  terminal.press('n\r')
  await terminal.shows('Cluster Up   ')
  // Every number is typed, and then opened.
  terminal.press('1')
  expect(await terminal.shows('Search: 1')).not.toContain('Second steps')
  terminal.press(KEYS.enter)
  await terminal.shows('01 First steps')
  terminal.press('l')
  await terminal.shows('Cluster Up   ')
  terminal.press(KEYS.escape)
  await terminal.shows('01 First steps')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('what a failure looks like is told with i, and by itself when it fails again', async () => {
  using project = scratchProject()
  const short = { message: 'It said 0. It looks as if nobody asked.', seen: 'It said 0.' }
  const check: MenuOptions['check'] = async ({ name }) => {
    const found = report(name, 'failed')
    return {
      report: { ...found, expectations: found.expectations.map((each) => ({ ...each, ...short })) },
      broker: RABBITMQ,
    }
  }
  const { terminal, left } = start(project, { check })
  expect(await terminal.shows('It said 0.')).not.toContain('It looks as if')
  terminal.press('i')
  await terminal.shows('It looks as if nobody asked.')
  terminal.press('r')
  expect(await terminal.shows('It looks as if nobody asked.')).not.toContain('Do you see why?')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('hints come one by one; the last waits for two checks that fell short', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('Not yet')
  for (const shown of ['hint 1 of 3', 'hint 2 of 3', 'The last hint opens after 2 failed checks']) {
    terminal.press('h')
    await terminal.shows(shown)
  }
  terminal.press(KEYS.enter)
  await terminal.shows('Not yet')
  await recordReport(project.root, report('01-first-steps', 'failed'), RABBITMQ, 'another try')
  terminal.press('h')
  await terminal.shows('await ____(url)')
  terminal.press('qq')
  expect(await left).toBe(0)
})

test('the solution and the comparison are for who has passed, or says so', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project, { compare: async (lesson) => `BOTH OF ${lesson.name}` })
  await terminal.shows('Not yet')
  terminal.press('s')
  await terminal.shows('You have not passed this lesson yet.')
  terminal.press(KEYS.enter)
  await terminal.shows('Not yet')
  terminal.press('c')
  await terminal.shows('You have not passed')
  terminal.press('y\r')
  await terminal.shows('BOTH OF 01-first-steps')
  terminal.press('q')
  project.write(FIRST, 'export const answer = 42\n')
  await terminal.shows('✔ Passed')
  terminal.press('s')
  await terminal.shows('Because that is the answer.')
  terminal.press('qq')
  expect(await left).toBe(0)
})

test('the management page is said with its login', async () => {
  using project = scratchProject()
  const page = { url: 'http://127.0.0.1:15672/', user: 'lab', password: 'secret' }
  const { terminal, left } = start(project, { management: async () => page })
  await terminal.shows('Not yet')
  terminal.press('m')
  expect(await terminal.shows('http://127.0.0.1:15672/')).toContain('user lab, password secret')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('Ctrl-C in the middle of a check waits until it has ended; a second does not', async () => {
  using project = scratchProject()
  for (const times of [1, 2]) {
    const begun = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<never>()
    const check: MenuOptions['check'] = (_, { signal }) => {
      begun.resolve()
      if (times === 1) signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
      return aborted.promise
    }
    const { terminal, left } = start(project, { check })
    await begun.promise
    for (let i = 0; i < times; i++) terminal.press(KEYS.ctrlC)
    expect(await left).toBe(130)
    expect(terminal.screen.cursorShown).toBe(true)
  }
})

test('SIGTERM and the end of the input leave as well', async () => {
  using project = scratchProject()
  const first = start(project)
  await first.terminal.shows('Not yet')
  first.terminal.signals.emit('SIGTERM')
  expect(await first.left).toBe(143)
  const second = start(project)
  await second.terminal.shows('Not yet')
  second.terminal.stdin.end()
  expect(await second.left).toBe(0)
  expect(second.terminal.screen.cursorShown).toBe(true)
})

test('what goes wrong is said in a sentence, and the student is at the lesson', async () => {
  using project = scratchProject()
  const error = new LabError('no-broker', 'No broker can be used here.', { advice: 'npm run doctor says why.' })
  const { terminal, left } = start(project, { check: () => Promise.reject(error) })
  await terminal.shows('No broker can be used here. npm run doctor says why.')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a broken progress file is said', async () => {
  using project = scratchProject()
  project.write('.lab/progress.json', '{')
  const { terminal, left } = open(project)
  await terminal.shows('The story of')
  terminal.press(KEYS.enter)
  await terminal.shows("Your progress file couldn't be read (it isn't valid JSON).")
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a window that changes is drawn anew', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('Not yet')
  terminal.resize(60, 12)
  await terminal.shows(/── \d+ more lines, Space goes on ──/)
  terminal.press(' ')
  await terminal.shows('the end; the up arrow goes back')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a terminal that can not be switched to single keys gets no menu', async () => {
  using project = scratchProject()
  const terminal = new Terminal()
  terminal.stdin.setRawMode = () => {
    throw new Error('EPERM')
  }
  await expect(start(project, {}, terminal).left).rejects.toMatchObject({ code: 'no-terminal' })
})
