import { randomUUID } from 'node:crypto'
import { type ChannelModel, connect } from 'amqplib'
import { type EmbeddedBroker, startEmbedded } from '../../lab/embedded/embedded.ts'
import { queueAddress } from '../../lab/grade/queue/address.ts'
import { askGraders } from '../../lab/grade/queue/ask.ts'
import { AskedFile } from '../../lab/grade/queue/asked-file.ts'
import { type Grading, runGrader } from '../../lab/grade/queue/grader.ts'
import { type ResultMessage, type TaskMessage, taskBody, taskKey } from '../../lab/grade/queue/messages.ts'
import { queueNames } from '../../lab/grade/queue/queues.ts'
import type { Judgement } from '../../lab/grade/record.ts'
import type { LessonReport } from '../../lab/report/report.ts'
import { Folder } from './zips.ts'

export const LESSON = '04-ack-consumer'
const LAB = 'a lab'
const VHOST = 'grading'
const [USER, PASSWORD] = ['grade', 'se/cret']

/** A task whose submission is a text. */
export function task(text: string): TaskMessage {
  const files = [{ path: `${LESSON}/exercise.ts`, text }]
  const how = { broker: 'embedded' }
  return { key: taskKey(files, LAB, how), lesson: LESSON, how, files }
}

export function judgement(verdict: LessonReport['verdict'] = 'passed', more: Partial<LessonReport> = {}): Judgement {
  const report = {
    lesson: LESSON,
    verdict,
    working: false,
    durationMs: 1,
    solutionsUsed: [],
    expectations: [],
    ...more,
  }
  return { report, broker: null, sandbox: 'bubblewrap', at: new Date(0).toISOString() }
}

/** A broker of its own, with graders and a class whose judging is a function. */
export class QueueBench implements AsyncDisposable {
  readonly broker: EmbeddedBroker
  readonly folder = new Folder()
  readonly told: string[] = []
  /** By key, in the order in which the class got them. */
  readonly results: ResultMessage[] = []
  readonly #version = randomUUID().slice(0, 8)
  readonly #ending: (() => Promise<unknown>)[] = []

  private constructor(broker: EmbeddedBroker) {
    this.broker = broker
  }

  static async start(): Promise<QueueBench> {
    const users = [{ name: USER, password: PASSWORD, vhosts: [VHOST] }]
    return new QueueBench(await startEmbedded({ vhosts: [VHOST], users }))
  }

  get names(): ReturnType<typeof queueNames> {
    return queueNames(this.#version)
  }

  get address(): ReturnType<typeof queueAddress> {
    const login = `${USER}:${encodeURIComponent(PASSWORD)}`
    return queueAddress(`amqp://${login}@127.0.0.1:${this.broker.port}/${VHOST}`, {})
  }

  /** How many messages are in a queue, with those in somebody's hands. */
  depth(queue: string): number | undefined {
    const found = this.broker.queues(VHOST).find(({ name }) => name === queue)
    return found && found.ready + found.unacknowledged
  }

  cut(): void {
    for (const { id } of this.broker.connections(VHOST)) this.broker.closeConnection(id, 'cut')
  }

  connection(): Promise<ChannelModel> {
    return connect(this.address.url)
  }

  grader(judge: Grading['judge'], more: Partial<Grading> = {}): { stop: () => Promise<void>; ended: Promise<void> } {
    const stopping = new AbortController()
    const labHashOf = (lesson: string) => (lesson === LESSON ? LAB : undefined)
    const ended = runGrader({
      ...{ address: this.address, version: this.#version, room: 4, labHashOf, judge, signal: stopping.signal },
      tell: (text) => void this.told.push(text),
      ...more,
    })
    ended.catch(() => {})
    const stop = () => {
      stopping.abort()
      return ended
    }
    this.#ending.push(() => stop().catch(() => {}))
    return { stop, ended }
  }

  /** Resolves when there is a result of each; `out` is the class's folder, by default always the same. */
  ask(tasks: TaskMessage[], signal = new AbortController().signal, out = this.folder.path): Promise<void> {
    const byKey = new Map(tasks.map((each) => [each.key, each]))
    return askGraders({
      ...{ address: this.address, version: this.#version, file: new AskedFile(out), keys: [...byKey.keys()], signal },
      bodyOf: (key) => taskBody(byKey.get(key) as TaskMessage),
      onResult: (_, result) => void this.results.push(result),
      tell: (text) => void this.told.push(text),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ending.map((end) => end()))
    await this.broker.stop()
    this.folder[Symbol.dispose]()
  }
}
