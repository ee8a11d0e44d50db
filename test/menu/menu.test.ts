import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LabError } from '../../lab/errors.ts'
import type { MenuOptions } from '../../lab/menu/context.ts'
import { menu } from '../../lab/menu/menu.ts'
import { recordReport } from '../../lab/progress/record.ts'
import type { LessonReport, Verdict } from '../../lab/report/report.ts'
import { type Scratch, STARTER, scratchProject } from '../lessons/scratch.ts'
import { KEYS, Terminal } from './terminal.ts'

const RABBITMQ = { kind: 'container', product: 'RabbitMQ', version: '4.3.6' }

function report(lesson: string, verdict: Exclude<Verdict, 'error'>): LessonReport {
  const expectations = [{ step: 1, title: 'answers', verdict }]
  return { lesson, verdict, working: verdict === 'passed', durationMs: 1, solutionsUsed: [], expectations }
}

/** Passes what has 42 in it, and remembers it as the command does. */
function checker(project: Scratch): MenuOptions['check'] {
  return async (lesson) => {
    const content = readFileSync(lesson.exercise, 'utf8')
    const found = report(lesson.name, content.includes('42') ? 'passed' : 'failed')
    await recordReport(project.root, found, RABBITMQ, content)
    return found
  }
}

function start(project: Scratch, options: Partial<MenuOptions> = {}): { terminal: Terminal; left: Promise<number> } {
  const terminal = new Terminal()
  const left = menu({
    root: project.root,
    io: { stdin: terminal.stdin, stdout: terminal.stdout },
    look: { width: 80, colour: false, unicode: true },
    check: checker(project),
    printReport: (found) => terminal.stdout.write(`VERDICT ${found.verdict}\n`),
    statusLine: () => 'RabbitMQ 4.3.6 (container) is warm',
    signals: terminal.signals,
    ...options,
  })
  return { terminal, left }
}

/** A promise that settles when its signal is aborted, and says that it has begun. */
function untilAborted(begun: () => void) {
  return (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      begun()
    })
}

test('the list shows the lessons, the one to go on with, and the broker', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  expect(await terminal.shows('is warm')).toBe(
    [
      'Cluster Up   ░░░░░░░░░░░░░░ 0 of 3 passed   go on with 01',
      '❯  1    First steps         15 min',
      '   2    Second steps        15 min  opens when 01 works',
      '   5    The whole program   15 min  opens when 02 works',
      '',
      '   q  quit',
      '',
      'RabbitMQ 4.3.6 (container) is warm',
      'arrows or the key beside it; Enter chooses; Ctrl-C leaves',
    ].join('\n'),
  )
  terminal.press('q')
  expect(await left).toBe(0)
  expect(terminal.screen.trim()).toBe('')
  expect(terminal.cursorShown).toBe(true)
})

test('reading makes the exercise, and says where it is and how to check it', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('First steps')
  terminal.press(KEYS.enter)
  await terminal.shows('❯  r  read the lesson')
  terminal.press(KEYS.enter)
  const screen = await terminal.shows('❯  c  check my exercise')
  expect(screen).toContain('The story of First steps.')
  expect(screen).toContain('Your file:  lessons/01-first-steps/exercise.ts')
  expect(screen).toContain('npm run check -- 01')
  expect(readFileSync(project.path('lessons/01-first-steps/exercise.ts'), 'utf8')).toBe(STARTER)
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a check stays with its lesson, failed or passed, and going on is asked for', async () => {
  using project = scratchProject()
  const file = project.write('lessons/01-first-steps/exercise.ts', 'export const answer = 41\n')
  const { terminal, left } = start(project)
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('❯  c  check')
  terminal.press('c')
  await terminal.shows('VERDICT failed')
  await terminal.shows('01 First steps – begun')
  writeFileSync(file, 'export const answer = 42\n')
  terminal.press('c')
  await terminal.shows('VERDICT passed')
  await terminal.shows('01 First steps – passed')
  expect(await terminal.shows('❯  n  on to 02 Second steps')).not.toContain('02 Second steps –')
  terminal.press('n')
  await terminal.shows('02 Second steps\n❯  r  read')
  terminal.press('b')
  await terminal.shows('1 of 3 passed   go on with 02')
  expect(terminal.screen).toContain('❯  2    Second steps')
  expect(terminal.screen).toContain('1  ✔ First steps         15 min  passed')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('arrows and numbers move, and a lesson that is not open yet asks first', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('❯  1')
  terminal.press(KEYS.down)
  await terminal.shows('❯  2')
  terminal.press(KEYS.up)
  await terminal.shows('❯  1')
  terminal.press('5')
  await terminal.shows('❯  5')
  terminal.press(KEYS.enter)
  await terminal.shows('Lesson 05 opens when 02 works.')
  terminal.press(KEYS.enter)
  await terminal.shows('go on with 01')
  terminal.press('5')
  await terminal.shows('❯  5')
  terminal.press(KEYS.enter)
  await terminal.shows('y  open it all the same')
  terminal.press('y')
  await terminal.shows('05 The whole program')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('hints come one by one; the last waits for two failed checks', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('h  show a hint')
  terminal.press('h')
  await terminal.shows('❯  h')
  expect(terminal.screen).toContain('Step 1, hint 1 of 3\n\nWho is asked first?')
  for (const shown of ['hint 2 of 3', 'The last hint is for after 2 checks that fell short of step 1']) {
    terminal.press('h')
    await terminal.shows(shown)
    await terminal.shows('❯  h')
  }
  expect(terminal.screen).not.toContain('____')
  for (const file of ['one', 'two']) {
    await recordReport(project.root, report('01-first-steps', 'failed'), RABBITMQ, file)
  }
  terminal.press('h')
  await terminal.shows('await ____(url)')
  await terminal.shows('❯  h')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a reset asks, keeps a copy and says where', async () => {
  using project = scratchProject()
  const file = project.write('lessons/01-first-steps/exercise.ts', '// mine\n')
  const { terminal, left } = start(project)
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('x  reset')
  terminal.press('x')
  await terminal.shows('❯  n  leave it as it is')
  terminal.press(KEYS.enter)
  await terminal.shows('❯  x  reset')
  expect(readFileSync(file, 'utf8')).toBe('// mine\n')
  terminal.press('x')
  await terminal.shows('y  reset it')
  terminal.press('y')
  await terminal.shows('❯  r  read')
  const [copy = ''] = readdirSync(project.path('.lab/backups/01-first-steps'))
  expect(terminal.screen).toContain(`Yours is kept as .lab/backups/01-first-steps/${copy}`)
  expect(readFileSync(file, 'utf8')).toBe(STARTER)
  terminal.press('q')
  expect(await left).toBe(0)
})

test('the solution is shown to who says so, and after a pass without asking', async () => {
  using project = scratchProject()
  const { terminal, left } = start(project)
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('s  see the solution')
  terminal.press('s')
  await terminal.shows('You have not passed this lesson yet.')
  terminal.press(KEYS.enter)
  await terminal.shows('❯  s  see the solution')
  expect(terminal.screen).not.toContain('answer = 42')
  terminal.press('s')
  await terminal.shows('show me the solution')
  terminal.press('y')
  await terminal.shows('❯  s  see the solution')
  expect(terminal.screen).toContain('solutions/01-first-steps/exercise.ts\n\nexport const answer = 42\n')
  expect(terminal.screen).toContain('Because that is the answer.')
  await recordReport(project.root, report('01-first-steps', 'passed'), RABBITMQ, 'x')
  terminal.press('s')
  await terminal.shows('01 First steps – passed, changed since')
  expect(terminal.screen).not.toContain('You have not passed')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('running is offered from lesson 04 on; Ctrl-C ends the service and not the menu', async () => {
  using project = scratchProject()
  const ran: string[] = []
  const { terminal, left } = start(project, {
    run: (lesson, signal) => untilAborted(() => ran.push(lesson.name))(signal),
  })
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  expect(await terminal.shows('❯  r  read the lesson')).not.toContain('run my service')
  terminal.press('b')
  await terminal.shows('go on with 01')
  terminal.press('5')
  await terminal.shows('❯  5')
  terminal.press(KEYS.enter)
  await terminal.shows('y  open it')
  terminal.press('y')
  await terminal.shows('u  run my service')
  terminal.press('u')
  await expect.poll(() => ran).toEqual(['05-whole-program'])
  terminal.signals.emit('SIGINT')
  await terminal.shows('❯  u  run my service')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('Ctrl-C leaves from the list and from a lesson, with the cursor back', async () => {
  using project = scratchProject()
  for (const keys of ['', KEYS.enter]) {
    const { terminal, left } = start(project)
    await terminal.shows('go on with 01')
    expect(terminal.cursorShown).toBe(false)
    terminal.press(keys)
    await terminal.shows(keys === '' ? 'q  quit' : 'r  read')
    terminal.press(KEYS.ctrlC)
    expect(await left).toBe(130)
    expect(terminal.cursorShown).toBe(true)
    expect(terminal.screen.trim()).toBe('')
    expect(terminal.signals.eventNames()).toEqual([])
  }
})

test('Ctrl-C in the middle of a check ends the check, and then the menu', async () => {
  using project = scratchProject()
  const begun = Promise.withResolvers<void>()
  const { terminal, left } = start(project, { check: (_, signal) => untilAborted(begun.resolve)(signal) })
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('c  check')
  terminal.press('c')
  await begun.promise
  terminal.signals.emit('SIGINT')
  expect(await left).toBe(130)
})

test('a second Ctrl-C does not wait for a check that takes its time', async () => {
  using project = scratchProject()
  const begun = Promise.withResolvers<void>()
  const { terminal, left } = start(project, {
    check: () => {
      begun.resolve()
      return new Promise(() => {})
    },
  })
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('c  check')
  terminal.press('c')
  await begun.promise
  terminal.signals.emit('SIGINT')
  terminal.signals.emit('SIGINT')
  expect(await left).toBe(130)
})

test('SIGTERM and the end of the input leave as well', async () => {
  using project = scratchProject()
  const first = start(project)
  await first.terminal.shows('go on with 01')
  first.terminal.signals.emit('SIGTERM')
  expect(await first.left).toBe(143)
  const second = start(project)
  await second.terminal.shows('go on with 01')
  second.terminal.stdin.end()
  expect(await second.left).toBe(0)
  expect(second.terminal.cursorShown).toBe(true)
})

test('what goes wrong is said in a sentence, and the student is back at the lesson', async () => {
  using project = scratchProject()
  const error = new LabError('no-broker', 'No broker can be used here.', { advice: 'npm run doctor says why.' })
  const { terminal, left } = start(project, { check: () => Promise.reject(error) })
  await terminal.shows('go on with 01')
  terminal.press(KEYS.enter)
  await terminal.shows('c  check')
  terminal.press('c')
  await terminal.shows('No broker can be used here. npm run doctor says why.')
  await terminal.shows('❯  c  check')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a broken progress file is said where it is met', async () => {
  using project = scratchProject()
  project.write('.lab/progress.json', '{')
  const { terminal, left } = start(project)
  await terminal.shows('Your progress file could not be read (it is not JSON).')
  await terminal.shows('go on with 01')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('the status line lives while the menu waits', async () => {
  using project = scratchProject()
  let status = 'RabbitMQ is booting, 3 s'
  const { terminal, left } = start(project, { statusLine: () => status })
  await terminal.shows('is booting, 3 s')
  status = 'RabbitMQ 4.3.6 (container) is warm'
  expect(await terminal.shows('is warm')).not.toContain('booting')
  terminal.press('q')
  expect(await left).toBe(0)
})

test('a pass on a stand-in is confirmed on RabbitMQ when that is ready, and not before', async () => {
  using project = scratchProject()
  let ready = false
  const { terminal, left } = start(project, {
    check: async (lesson) => {
      const content = readFileSync(lesson.exercise, 'utf8')
      const found = report(lesson.name, 'passed')
      await recordReport(project.root, found, { kind: 'embedded', product: 'A stand-in', version: '1' }, content)
      return found
    },
    confirm: async (lesson) => {
      const found = report(lesson.name, 'passed')
      await recordReport(project.root, found, RABBITMQ, readFileSync(lesson.exercise, 'utf8'))
      return found
    },
    canConfirm: () => ready,
  })
  await terminal.shows('First steps')
  terminal.press(KEYS.enter)
  await terminal.shows('check my exercise')
  terminal.press('c')
  expect(await terminal.shows('passed (embedded), not yet on RabbitMQ')).toContain('RabbitMQ has the last word')
  expect(terminal.screen).not.toContain('confirm my pass')
  ready = true
  terminal.press('h')
  await terminal.shows('confirm my pass on RabbitMQ')
  terminal.press('v')
  await terminal.shows('Asking RabbitMQ')
  await terminal.shows('01 First steps – passed\n')
  terminal.press('q')
  expect(await left).toBe(0)
})
