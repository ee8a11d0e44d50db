// Films docs/lab.svg, the picture in the README, in a real terminal: npx node lab/authors/film-readme.ts (needs tmux)
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../root.ts'
import { drawScreencast, Terminal } from './screencast.ts'

const SIZE = { columns: 84, rows: 44 }
const LESSON = 'lessons/01-first-connection'
const exercise = join(ROOT, LESSON, 'exercise.ts')
if (existsSync(exercise)) throw new Error(`${exercise} is yours: film in a checkout that has none.`)

using terminal = new Terminal({ ...SIZE, cwd: ROOT })
try {
  copyFileSync(join(ROOT, LESSON, 'starter.ts'), exercise)
  await terminal.shows('$')
  await run('npm run -s check -- 1', { until: 'Not yet', holdMs: 9000 })
  copyFileSync(join(ROOT, 'solutions', '01-first-connection', 'exercise.ts'), exercise)
  await run(`grep -o 'clientProp.*' ${LESSON}/exercise.ts  # fixed`, { until: '})', holdMs: 2500 })
  await run('npm run -s check -- 1', { until: 'Passed', holdMs: 6000, clear: false })
} finally {
  rmSync(exercise, { force: true })
}
writeFileSync(join(ROOT, 'docs', 'lab.svg'), drawScreencast(terminal.frames, SIZE))

/** Types a command, into an empty window by default, and films what it shows once it is done. */
async function run(
  command: string,
  { until, holdMs, clear = true }: { until: string; holdMs: number; clear?: boolean },
): Promise<void> {
  if (clear) terminal.press('C-l')
  for (const word of command.split(/(?<= )/)) {
    terminal.type(word)
    await terminal.shows(word.trim())
    terminal.film(200)
  }
  terminal.film(600)
  terminal.press('Enter')
  await terminal.shows(until)
  terminal.film(holdMs)
}
