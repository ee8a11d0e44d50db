import { join } from 'node:path'
import type { Broker } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import { launchOf } from '../../lab/commands/running.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { ROOT } from '../../lab/root.ts'
import { LiveRun } from '../../lab/service/live-run.ts'
import type { Runner } from '../../lab/web/runs.ts'
import { makeRoot, removeRoot } from '../broker/ground.ts'

/** Runs the solution of one of the lab's own lessons, on the lab's own broker, whatever lesson is asked for. */
export class SolutionRunner implements Runner, AsyncDisposable {
  readonly #wanted: string
  readonly #root = makeRoot()
  readonly #broker: Promise<Broker>

  constructor(wanted: string) {
    this.#wanted = wanted
    this.#broker = openBroker({ kind: 'embedded', root: this.#root, idleMs: 300 })
  }

  canRun(): boolean {
    return true
  }

  async open(): Promise<LiveRun> {
    const all = await lessons(ROOT)
    const lesson = all.find(({ name }) => name === this.#wanted)
    if (!lesson) throw new Error(`there is no lesson ${this.#wanted}`)
    const exports = Object.fromEntries(all.map(({ name, exports }) => [name, exports]))
    const launch = launchOf(lesson, exports, join(ROOT, 'solutions'))
    return LiveRun.open({ broker: await this.#broker, lesson: lesson.name, launch, state: this.#root })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#broker)[Symbol.asyncDispose]()
    await removeRoot(this.#root)
  }
}
