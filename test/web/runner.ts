import { join } from 'node:path'
import type { Broker } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import type { KindName } from '../../lab/broker/kinds/kind.ts'
import { groundOf, launchOf } from '../../lab/commands/running.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import type { Lesson } from '../../lab/lessons/lesson.ts'
import { ROOT } from '../../lab/root.ts'
import { LiveRun } from '../../lab/service/live-run.ts'
import type { Runner } from '../../lab/web/runs.ts'
import { makeRoot, removeRoot } from '../broker/ground.ts'

/** Runs the solution of one of the lab's own lessons, by default on the lab's own broker, whatever lesson is asked for. */
export class SolutionRunner implements Runner, AsyncDisposable {
  readonly #wanted: string
  readonly #root = makeRoot()
  readonly #broker: Promise<Broker>

  constructor(wanted: string, kind: KindName = 'embedded') {
    this.#wanted = wanted
    this.#broker = openBroker({ kind, root: this.#root, idleMs: 300 })
  }

  canRun(): boolean {
    return true
  }

  async open(_lesson?: Lesson, tell?: (text: string) => void): Promise<LiveRun> {
    const all = await lessons(ROOT)
    const lesson = all.find(({ name }) => name === this.#wanted)
    if (!lesson) throw new Error(`there is no lesson ${this.#wanted}`)
    const exports = Object.fromEntries(all.map(({ name, exports }) => [name, exports]))
    const launch = launchOf(lesson, exports, join(ROOT, 'solutions'))
    const ground = await groundOf(launch, await this.#broker, {
      root: this.#root,
      ...(tell && { onStarting: ({ text }) => tell(text) }),
    })
    return LiveRun.open({ ...ground, lesson: lesson.name, state: this.#root, whenOver: ground })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#broker)[Symbol.asyncDispose]()
    await removeRoot(this.#root)
  }
}
