import { type ChildProcess, spawn } from 'node:child_process'
import { Screen } from './screen.ts'

export interface PtyOptions {
  cwd: string
  columns?: number
  rows?: number
  env?: NodeJS.ProcessEnv
}

/**
 * A real terminal with a real program in it: util-linux's `script` makes the terminal, an emulator is its screen.
 *
 *   keys ──▶ script's stdin ──▶ pseudo-terminal ──▶ program
 *   screen ◀── emulator ◀── script's stdout ◀──┘
 */
export class Pty implements AsyncDisposable {
  readonly screen: Screen
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  /** @param command for a shell */
  constructor(command: string, { cwd, columns = 80, rows = 40, env = {} }: PtyOptions) {
    this.screen = new Screen(columns, rows)
    this.#child = spawn('script', ['-qefc', `stty cols ${columns} rows ${rows}; ${command}`, '/dev/null'], {
      cwd,
      env: { ...clean(process.env), TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.screen.write(text))
    this.#ended = new Promise((resolve) => this.#child.on('close', (code) => resolve(code)))
    void this.#ended.then(() => this.screen.tell())
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  shows(what: string | RegExp): Promise<string> {
    return this.screen.shows(what)
  }

  /** Waits for the program to end; its exit code. */
  async end(): Promise<number | null> {
    await this.screen.until('its end', () => this.#child.exitCode !== null)
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child
    // With its terminal gone, every program in it is told so.
    if (exitCode === null && signalCode === null && pid !== undefined) process.kill(pid, 'SIGKILL')
    await this.#ended
    this.screen[Symbol.dispose]()
  }
}

/** Without what the tests' own vitest, npm and terminal have set. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const theirs = /^(npm_|VITEST|TEST$|NODE_|FORCE_COLOR|NO_COLOR|COLUMNS|LINES|VISUAL|EDITOR|DISPLAY|WAYLAND|LAB_POLL)/
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== undefined && !theirs.test(name)))
}
