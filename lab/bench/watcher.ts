import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../root.ts'

/** A `check --watch` of a solution in a tree of its own, which is saved again and again. */
export class Watcher implements AsyncDisposable {
  readonly #tree: string
  readonly #file: string
  readonly #source: string
  readonly #child: ChildProcess
  #printed = ''
  #seen = () => {}
  #saves = 0

  private constructor(lesson: string, kind: string, env: NodeJS.ProcessEnv) {
    this.#tree = mkdtempSync(join(tmpdir(), 'cluster-up-bench-'))
    mkdirSync(join(this.#tree, lesson))
    this.#file = join(this.#tree, lesson, 'exercise.ts')
    this.#source = readFileSync(join(ROOT, 'solutions', lesson, 'exercise.ts'), 'utf8')
    writeFileSync(this.#file, this.#source)
    const args = [join(ROOT, 'lab', 'start.mjs'), 'check', lesson, '--watch', '--tree', this.#tree, '--broker', kind]
    this.#child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#printed += chunk.toString()
      this.#seen()
    })
  }

  static async open(lesson: string, kind: string, env: NodeJS.ProcessEnv): Promise<Watcher> {
    const watcher = new Watcher(lesson, kind, env)
    await watcher.#verdict()
    return watcher
  }

  /** Saves the file. @returns milliseconds until the verdict is printed. @throws when it is not 'Passed' */
  async save(): Promise<number> {
    const verdict = this.#verdict()
    const began = performance.now()
    writeFileSync(this.#file, `${this.#source}// saved ${++this.#saves} times\n`)
    await verdict
    return performance.now() - began
  }

  /** Resolves when the watcher waits for the next save. */
  #verdict(): Promise<void> {
    this.#printed = ''
    return new Promise((resolve, reject) => {
      this.#seen = () => {
        if (!this.#printed.includes('Watching:')) return
        this.#seen = () => {}
        if (this.#printed.includes('Passed')) resolve()
        else reject(new Error(`The solution did not pass:\n${this.#printed}`))
      }
      this.#child.once('exit', (code) => reject(new Error(`The watcher ended with ${code}.`)))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGINT')
    await gone
    rmSync(this.#tree, { recursive: true, force: true })
  }
}
