import { performance } from 'node:perf_hooks'
import type { Io } from '../../io.ts'
import { type Symbols, symbolsOf } from '../../text/symbols.ts'
import { themeOf } from '../../text/theme.ts'

/** Counts what is proven, and tells it: what failed at once and again at the end, what passed in a line for many. */
export class Tally {
  readonly #stdout: Io['stdout']
  readonly #symbols: Symbols
  readonly #startedAt = performance.now()
  readonly #failures: string[] = []
  #passed = 0

  constructor({ stdout, env }: Pick<Io, 'stdout' | 'env'>) {
    this.#stdout = stdout
    this.#symbols = symbolsOf(themeOf(stdout, env))
  }

  say(line: string): void {
    this.#stdout.write(`${line}\n`)
  }

  pass(count = 1): void {
    this.#passed += count
  }

  fail(what: string, why: string): void {
    const told = `${this.#symbols.cross} ${what}\n  ${why.replaceAll('\n', '\n  ')}`
    this.#failures.push(told)
    this.say(told)
  }

  /** Many that belong together are decided. @param failed how many of them failed */
  decided(what: string, total: number, failed: number): void {
    const { tick, cross } = this.#symbols
    const held = failed === 0 ? `all ${total}` : `${total - failed} of ${total}`
    this.say(`${failed === 0 ? tick : cross} ${this.elapsed.padStart(5)}  ${what}: ${held}`)
  }

  /** Since the beginning: '83 s'. */
  get elapsed(): string {
    return `${Math.round((performance.now() - this.#startedAt) / 1000)} s`
  }

  /** The last line counts. @returns the exit code */
  end(): number {
    const failed = this.#failures.length
    if (failed > 0) this.say(`\nFailed:\n${this.#failures.join('\n')}`)
    this.say(`\n${this.#passed} passed, ${failed} failed`)
    return failed === 0 && this.#passed > 0 ? 0 : 1
  }
}
