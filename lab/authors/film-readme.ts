// Films docs/lab.svg, the picture in the README, in a real terminal: npx node lab/authors/film-readme.ts (needs tmux)
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../root.ts'
import { drawScreencast, Terminal } from './screencast.ts'

const SIZE = { columns: 84, rows: 40 }
const LESSON = '01-first-connection'
const exercise = join(ROOT, 'lessons', LESSON, 'exercise.ts')
const progress = join(ROOT, '.lab', 'progress.json')
for (const file of [exercise, progress]) {
  if (existsSync(file)) throw new Error(`${file} is your own exercise. Film in a checkout that has none.`)
}

using terminal = new Terminal({ ...SIZE, cwd: ROOT })
try {
  await terminal.shows('$')
  for (const word of ['npm ', 'run ', 'lab']) {
    terminal.type(word)
    await terminal.shows(word.trim())
    terminal.film(250)
  }
  terminal.press('Enter')
  await hold("You've just joined the team", 5000)
  terminal.press('Enter')
  await hold('what do you expect?', 2500)
  for (const choice of ['Only the forced close', 'Only the reset']) {
    terminal.press('Down')
    await hold(`❯ ${choice}`, 600)
  }
  terminal.press('Enter')
  await hold('This is the starter.', 2000)
  copyFileSync(join(ROOT, 'lessons', LESSON, 'starter.ts'), exercise)
  await hold('Not yet', 9000)
  copyFileSync(join(ROOT, 'solutions', LESSON, 'exercise.ts'), exercise)
  await hold('Passed on RabbitMQ', 8000)
} finally {
  rmSync(exercise, { force: true })
  rmSync(progress, { force: true })
}
writeFileSync(join(ROOT, 'docs', 'lab.svg'), drawScreencast(terminal.frames, SIZE))

/** Films the terminal once this is on its screen. */
async function hold(text: string, ms: number): Promise<void> {
  await terminal.shows(text)
  terminal.film(ms)
}
