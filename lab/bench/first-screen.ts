import { spawn } from 'node:child_process'
import { ROOT } from '../root.ts'

/** What the first screen of the menu can't be without, whatever it looks like: a key that leaves it. */
const FIRST_SCREEN = /quit/

/**
 * Opens the menu in a terminal of its own (`script`, of util-linux), and leaves it when it is there.
 *
 * @returns milliseconds from `npm run lab` to the first screen
 */
export function firstScreen(env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now()
  const terminal = spawn('script', ['-qfec', 'stty cols 100 rows 30; npm run -s lab', '/dev/null'], {
    cwd: ROOT,
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let shownMs: number | undefined
  terminal.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    if (shownMs !== undefined || !FIRST_SCREEN.test(screen)) return
    shownMs = performance.now() - began
    // Ctrl-C, as typed.
    terminal.stdin.write('\u0003')
  })
  return new Promise((resolve, reject) => {
    terminal.on('error', reject)
    terminal.on('close', () => {
      if (shownMs === undefined) reject(new Error(`The menu never appeared:\n${screen}`))
      else resolve(shownMs)
    })
  })
}
