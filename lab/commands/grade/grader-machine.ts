import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Starting } from '../../broker/broker.ts'
import { KINDS, type KindName } from '../../broker/kinds/kind.ts'
import { Session } from '../../check/session.ts'
import { LabError } from '../../errors.ts'
import type { TaskMessage } from '../../grade/queue/messages.ts'
import { Quiet } from '../../grade/queue/quiet.ts'
import type { Judgement } from '../../grade/record.ts'
import { writeTree } from '../../grade/submission/tree.ts'
import type { Lesson } from '../../lessons/lesson.ts'
import { ROOT } from '../../root.ts'
import type { FoundSandbox } from '../../sandbox/found.ts'
import { ClassBrokers } from './class-brokers.ts'
import { judgeOne, Lanes } from './judge-one.ts'
import { needsOf } from './needs.ts'
import { Scratch } from './scratch.ts'

/** What a grader judges with: the brokers that tasks ask for, and processes that play one check each. */
export class GraderMachine implements AsyncDisposable {
  readonly #sandbox: FoundSandbox | null
  readonly #onStarting: (starting: Starting) => void
  readonly #lanes: Lanes
  readonly #scratch = new Scratch('cluster-up-grader')
  readonly #brokers = new Map<string, ClassBrokers>()
  /** Nodes of the cluster are harmed by one check at a time. */
  readonly #cluster = new Quiet()
  /** What was begun is finished. */
  readonly #never = new AbortController().signal

  constructor(all: Lesson[], sandbox: FoundSandbox | null, onStarting: (starting: Starting) => void) {
    this.#sandbox = sandbox
    this.#onStarting = onStarting
    const exports = Object.fromEntries(all.map(({ name, exports }) => [name, exports]))
    this.#lanes = new Lanes(() => new Session({ root: ROOT, broker: null, exports, sandbox }))
  }

  /** @throws LabError where the broker that the task asks for can't be had here */
  async judge({ lesson, how, files }: TaskMessage): Promise<Judgement | undefined> {
    const brokers = await this.#brokersOf(how.broker)
    const { restarts, atCluster } = await needsOf(lesson)
    const tree = mkdtempSync(join(this.#scratch.path, 'task-'))
    try {
      writeTree(tree, files)
      const limitMs = how.timeout === undefined ? undefined : how.timeout * 1000
      const judging = { brokers, limitMs, signal: this.#never, sandbox: this.#sandbox?.kind ?? 'none' }
      const judge = () => judgeOne({ lesson, tree, restarts }, this.#lanes, judging)
      return await (atCluster ? this.#cluster.alone(judge) : judge())
    } finally {
      rmSync(tree, { recursive: true, force: true })
    }
  }

  async #brokersOf(kind: string): Promise<ClassBrokers> {
    if (kind !== 'auto' && !(KINDS as string[]).includes(kind)) {
      throw new LabError('no-broker', `A task asks for the broker '${kind}', which this grader doesn't know.`)
    }
    const brokers =
      this.#brokers.get(kind) ?? new ClassBrokers(kind as 'auto' | KindName, this.#onStarting, this.#never)
    this.#brokers.set(kind, brokers)
    await brokers.open()
    return brokers
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lanes[Symbol.asyncDispose]()
    await Promise.all([...this.#brokers.values()].map((brokers) => brokers[Symbol.asyncDispose]()))
    this.#scratch[Symbol.dispose]()
  }
}
