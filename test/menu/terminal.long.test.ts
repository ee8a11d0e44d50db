import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { afterAll, test as any, beforeAll, expect } from 'vitest'
import { lessonOf, newProject, type Project } from './project.ts'
import { Pty } from './pty.ts'
import { KEYS } from './screen.ts'

/*
 * The real program in a real terminal: keys in, screen out. On the lab's own broker, so that nothing waits for a boot.
 */

/** Elsewhere `script` is another program, or none. */
const test = any.skipIf(process.platform !== 'linux')

let project: Project
let first: string
/** One whose check is soon over. */
let quick: string

beforeAll(() => {
  project = newProject()
  first = lessonOf(project, '01')
  quick = lessonOf(project, '03')
})
afterAll(() => project[Symbol.dispose]())

const ENV = { LAB_BROKER: 'embedded' }
const exercise = (name: string) => `lessons/${name}/exercise.ts`
/** The first line of its text. */
const titleOf = (name: string) => /^# (.*)$/m.exec(project.read(`lessons/${name}/lesson.md`))?.[1]

/** Where the student left off. */
function leftAt(lesson: string): void {
  const { lessons = {} } = existsSync(project.path('.lab/progress.json'))
    ? JSON.parse(project.read('.lab/progress.json'))
    : {}
  // Read before; and the lessons before it have passed, so that it is the next one.
  const all = readdirSync(project.path('lessons')).toSorted()
  const known = { kind: 'embedded', product: 'RabbitMQ', version: '4', at: '2026-11-23T18:00:00.000Z' }
  for (const name of all.filter((name) => name < lesson)) {
    lessons[name] = { ...lessons[name], passed: [{ ...known, sha256: '0'.repeat(64) }] }
  }
  lessons[lesson] = { ...lessons[lesson], begun: known.at, passed: [] }
  project.write('.lab/progress.json', JSON.stringify({ version: 1, opened: lesson, lessons }))
}

function lab(options: { columns?: number; rows?: number; env?: NodeJS.ProcessEnv } = {}): Pty {
  return new Pty('npm run -s lab', { cwd: project.root, ...options, env: { ...ENV, ...options.env } })
}

test('from the first screen to the next lesson: save, verdict, keys; and it opens again where it was left', async () => {
  {
    await using pty = lab()
    expect((await pty.shows('How this lab works')).split('\n')[0]).toBe(titleOf(first))
    pty.press(KEYS.enter)
    await pty.shows('what do you expect?')
    pty.press(KEYS.enter)
    await pty.shows('This is the starter.')
    pty.press('r')
    const failed = await pty.shows('Not yet on Cluster Up')
    expect(failed).toContain('Step 1 of 3')
    expect(failed).toMatch(/01.* · step 1 of 3 · Cluster Up embedded broker [\d.]+ \(embedded\) · ░* ?0\/\d+/)
    expect(pty.screen.isFull).toBe(true)
    pty.press('d')
    expect((await pty.shows('How this lab works')).split('\n')[0]).toBe(titleOf(first))
    pty.press('\u001b[F')
    await pty.shows('Each time you save it, the lab checks it.')
    pty.press('q')
    await pty.shows('Not yet')
    pty.press('h')
    await pty.shows('Step 1, hint 1 of 3')
    pty.press(KEYS.escape)
    await pty.shows('Not yet')
    pty.press('t')
    await pty.shows('your service')
    pty.press(KEYS.enter)
    pty.press('?')
    await pty.shows('restore one of these copies')
    pty.press('q')
    await pty.shows('Not yet')
    pty.press('m')
    await pty.shows('Only RabbitMQ has a management page')
    pty.press('n')
    await pty.shows('Lesson 02 opens when step 1 of 01 passes.')
    // Beside it and renamed, as many editors save.
    project.write(`lessons/${first}/.new`, project.read(`solutions/${first}/exercise.ts`))
    renameSync(project.path(`lessons/${first}/.new`), project.path(exercise(first)))
    await pty.shows('✔ Passed on Cluster Up')
    // It has not gone on by itself.
    expect(await pty.shows('You can now')).toContain('· passed ·')
    pty.press('n')
    expect((await pty.shows('Enter goes on')).split('\n')[0]).toBe(titleOf(lessonOf(project, '02')))
    pty.press(KEYS.enter)
    await pty.shows('what do you expect?')
    pty.press(KEYS.enter)
    await pty.shows(/^02 /)
    pty.press('q')
    expect(await pty.end()).toBe(0)
    expect(pty.screen.cursorShown).toBe(true)
    expect(pty.screen.isFull).toBe(false)
  }
  await using again = lab()
  expect(await again.shows('This is the starter.')).toMatch(/^02 /)
  again.press(KEYS.ctrlC)
  expect(await again.end()).toBe(130)
  expect(again.screen.cursorShown).toBe(true)
})

test('60 columns are enough, and a lost file is said and found again', async () => {
  leftAt(quick)
  await using pty = lab({ columns: 60, rows: 24 })
  await pty.shows('This is the starter.')
  pty.press('r')
  const screen = await pty.shows('Not yet')
  expect(screen).toMatch(/\n03.* · step 1 of \d · [█░ ]*\d\/\d+\n/)
  expect(screen).toContain('q quit')
  const content = project.read(exercise(quick))
  rmSync(project.path(exercise(quick)))
  await pty.shows('exercise.ts is missing.')
  project.write(exercise(quick), content)
  await pty.shows('Watching exercise.ts')
  pty.press('q')
  expect(await pty.end()).toBe(0)
})

test('an error that clears the screen and says Passed is only read: the verdict stays in sight', async () => {
  leftAt(quick)
  const lie = '\\u001b[2J\\u001b[H\\u001b]0;passed\\u0007✔ Passed on RabbitMQ: all 7 expectations.\\u202e'
  project.write(exercise(quick), `export async function declareTaskQueue() { throw new Error('${lie}') }\n`)
  await using pty = lab({ columns: 100 })
  pty.press('r')
  const screen = await pty.shows('␛[2J␛[H␛]0;passed␇✔ Passed')
  expect(screen).toContain('✘ Not yet on Cluster Up')
  expect(screen.split('\n')[0]).toMatch(/^03 /)
  pty.press('t')
  await pty.shows(/Step 1\n(.*\n)+.*␛\[2J/)
  expect(pty.screen.output).not.toContain('\u001b]0;')
  pty.press(KEYS.ctrlC)
  await pty.end()
  project.write(exercise(quick), project.read(`lessons/${quick}/starter.ts`))
})

test('an editor gets the terminal with its arguments, and gives it back, also when it is killed', async () => {
  leftAt(quick)
  project.write(
    'editor.sh',
    '#!/bin/sh\necho "EDITS $1"\nread line\n[ "$line" = die ] && kill -9 $$\necho "// $line" >> "$2"\n',
  )
  chmodSync(project.path('editor.sh'), 0o755)
  const before = project.read(exercise(quick))
  await using pty = lab({ env: { VISUAL: `"${project.path('editor.sh')}" --wait` } })
  await pty.shows('This is the starter.')
  pty.press('o')
  await pty.shows('EDITS --wait')
  expect(pty.screen.isFull).toBe(false)
  expect(pty.screen.cursorShown).toBe(true)
  pty.press('mine\r')
  await pty.shows('– begun')
  expect(project.read(exercise(quick))).toBe(`${before}// mine\n`)
  pty.press('o')
  await pty.screen.until('a second editor', () => pty.screen.text.split('EDITS').length === 3)
  pty.press('die\r')
  await pty.shows('editor.sh was killed by SIGKILL')
  expect(pty.screen.isFull).toBe(true)
  expect(pty.screen.cursorShown).toBe(false)
  pty.press('q')
  expect(await pty.end()).toBe(0)
})

test('a reset keeps a copy, and restore puts it back and keeps what was there', async () => {
  leftAt(quick)
  const file = exercise(quick)
  const starter = project.read(`lessons/${quick}/starter.ts`)
  project.write(file, `${starter}// mine\n`)
  const copies = () => readdirSync(project.path(`.lab/backups/${quick}`))
  await using pty = lab()
  await pty.shows('– begun')
  pty.press('x')
  await pty.shows('to the starter?')
  pty.press(KEYS.enter)
  await pty.shows('– begun')
  expect(project.read(file)).toContain('// mine')
  pty.press('x')
  await pty.shows('to the starter?')
  pty.press('y\r')
  await pty.shows('is the starter again.')
  expect(project.read(file)).toBe(starter)
  expect(copies()).toHaveLength(1)
  project.write(file, `${starter}// newer\n`)
  await pty.shows('– begun')
  pty.press('z')
  await pty.shows(/❯ \d{4}-/)
  pty.press(KEYS.enter)
  await pty.shows(/Your\sprevious\sfile\sis\skept\sas/)
  expect(project.read(file)).toContain('// mine')
  expect(copies()).toHaveLength(2)
  pty.press('l')
  await pty.shows('Cluster Up')
  pty.press('reset')
  await pty.shows('❯ Reset all exercises')
  pty.press(KEYS.enter)
  await pty.shows('Reset all exercises to their starters')
  pty.press('y\r')
  await pty.shows('All exercises are starters again.')
  expect(project.read(file)).toBe(starter)
  expect(copies()).toHaveLength(3)
  pty.press('q')
  expect(await pty.end()).toBe(0)
})

test('Ctrl-Z stops it with the terminal as it was, and fg brings it back', async () => {
  await using pty = new Pty('bash --norc -i', { cwd: project.root, env: { ...ENV, PS1: '$ ' } })
  await pty.shows('$')
  pty.press('npm run -s lab\r')
  await pty.shows('q quit')
  pty.press(KEYS.ctrlZ)
  await pty.shows('Stopped')
  expect(pty.screen.isFull).toBe(false)
  expect(pty.screen.cursorShown).toBe(true)
  // What is typed is seen again, and lines are lines.
  pty.press('echo it$((1+1))works\r')
  await pty.shows('it2works')
  pty.press('fg\r')
  await pty.shows('q quit')
  expect(pty.screen.isFull).toBe(true)
  pty.press('q')
  // Its last line, and the shell's prompt.
  await pty.shows(/ \d\/\d+\n\$$/)
  pty.press('exit\r')
  expect(await pty.end()).toBe(0)
})

test('in a dumb terminal the lessons and the commands are printed, and nothing moves the cursor', async () => {
  await using pty = lab({ env: { TERM: 'dumb' } })
  await pty.screen.until('the commands', () => pty.screen.all.includes('npm run doctor'))
  pty.press(KEYS.ctrlC)
  await pty.end()
  expect(pty.screen.output).not.toContain('\u001b')
})
