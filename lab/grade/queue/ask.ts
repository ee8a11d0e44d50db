import { randomUUID } from 'node:crypto'
import type { ConfirmChannel } from 'amqplib'
import type { QueueAddress } from './address.ts'
import type { AskedFile } from './asked-file.ts'
import { confirmed, type Link, overLinks } from './link.ts'
import { type ResultMessage, readResult } from './messages.ts'
import { declareQueues, declareResults, queueNames, resultsQueue } from './queues.ts'

/** So many tasks are on their way to the broker at a time. */
const UNCONFIRMED = 16
const RESULTS_AT_A_TIME = 16
const LOOK_EVERY_MS = 5000

export interface Asking {
  address: QueueAddress
  /** Of the lab; see queues.ts. */
  version: string
  file: AskedFile
  /** The keys of what is to be judged. */
  keys: string[]
  /** The message of a task; a text says why there can be none. */
  bodyOf(key: string): Buffer | string
  /** Called once for each key, and acknowledged at the broker after that: it keeps what it is given. */
  onResult(key: string, result: ResultMessage): void
  signal: AbortSignal
  tell(text: string): void
}

/**
 * Has tasks judged by graders elsewhere, and resolves when there is a result of each, or the signal aborts. Both sides may
 * end at any moment: what the broker confirmed is there, and what was not acknowledged comes again.
 */
export async function askGraders(asking: Asking): Promise<void> {
  if (asking.keys.length === 0) return
  const asker = new Asker(asking)
  await overLinks(asking.address, asking, (link) => asker.work(link))
}

class Asker {
  readonly #asking: Asking
  readonly #left: Set<string>
  /** Of the connection: tasks that were asked for over it carry it, and so does the news that one is a dead letter. */
  #round = ''
  /** What was asked for over this connection. */
  #sinceLost = new Set<string>()
  #toldAlone = false

  constructor(asking: Asking) {
    this.#asking = asking
    this.#left = new Set(asking.keys)
  }

  async work(link: Link): Promise<void> {
    const { file, version, signal } = this.#asking
    const queues = queueNames(version)
    const results = resultsQueue(file.classId)
    this.#sinceLost = new Set()
    this.#round = randomUUID()
    await declareQueues(link, queues)
    await declareResults(link, results)
    const out = await link.channel()
    const waiting = (await Promise.all([queues.tasks, queues.alone].map((queue) => out.checkQueue(queue)))).reduce(
      (sum, { messageCount }) => sum + messageCount,
      0,
    )
    // Nothing waits there, and results are missing: what was asked is in the hands of graders, or lost.
    if (waiting === 0) file.asked.clear()
    const done = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => done.resolve(), { once: true })
    if (signal.aborted) return
    const { from, cancel } = await this.#consume(link, out, results, queues, done.resolve)
    const timer = setInterval(() => void this.#look(out, queues.tasks).catch(() => {}), LOOK_EVERY_MS)
    link.lost.addEventListener('abort', () => clearInterval(timer), { once: true })
    try {
      await this.#ask(out, queues.tasks, results)
      await this.#look(out, queues.tasks)
      if (this.#left.size === 0) done.resolve()
      await done.promise
      await cancel()
    } finally {
      clearInterval(timer)
      file.save()
    }
    if (this.#left.size > 0) return
    await from.deleteQueue(results, { ifEmpty: false })
  }

  async #consume(
    link: Link,
    out: ConfirmChannel,
    results: string,
    { dead, tasks }: ReturnType<typeof queueNames>,
    done: () => void,
  ): Promise<{ from: ConfirmChannel; cancel: () => Promise<unknown> }> {
    const from = await link.channel()
    await from.prefetch(RESULTS_AT_A_TIME)
    const { consumerTag } = await from.consume(results, (message) => {
      if (message === null) return link.lose(new Error('the queue for the results is gone'))
      const result = readResultOr(message.content)
      const take = async () => {
        if (result instanceof Error) {
          this.#asking.tell(
            `A message isn't a valid result (${result.message.slice(0, 200)}). It was moved to ${dead}.`,
          )
          await confirmed(out, dead, message.content, { headers: { 'x-reason': 'no result' } })
        } else if (this.#left.has(result.key)) {
          await this.#take(result, message.properties.messageId, { out, tasks, results })
        }
        from.ack(message)
        if (this.#left.size === 0) done()
      }
      void take().catch((error: Error) => link.lose(error))
    })
    return { from, cancel: () => from.cancel(consumerTag) }
  }

  async #take(
    result: ResultMessage,
    round: unknown,
    { out, tasks, results }: { out: ConfirmChannel; tasks: string; results: string },
  ): Promise<void> {
    const { key } = result
    // The broker was lost since: its graders may have lost that, and not their lives.
    if (result.outcome !== 'dead' || round === this.#round) return this.#settle(key, result)
    // Where it was asked for again since, what comes of that counts.
    if (this.#sinceLost.has(key)) return
    this.#sinceLost.add(key)
    await this.#send(key, out, tasks, results)
  }

  async #ask(out: ConfirmChannel, tasks: string, results: string): Promise<void> {
    const { file, signal } = this.#asking
    const missing = [...this.#left].filter((key) => !file.asked.has(key))
    for (let at = 0; at < missing.length && !signal.aborted; at += UNCONFIRMED) {
      const some = missing.slice(at, at + UNCONFIRMED).filter((key) => this.#left.has(key))
      for (const key of some) this.#sinceLost.add(key)
      await Promise.all(some.map((key) => this.#send(key, out, tasks, results)))
      for (const key of some) if (this.#left.has(key)) file.asked.add(key)
      file.save()
    }
  }

  async #send(key: string, out: ConfirmChannel, tasks: string, results: string): Promise<void> {
    const body = this.#asking.bodyOf(key)
    const properties = { replyTo: results, correlationId: key, messageId: this.#round }
    if (typeof body !== 'string') return await confirmed(out, tasks, body, properties)
    this.#settle(key, { outcome: 'dead', key, reason: body })
  }

  #settle(key: string, result: ResultMessage): void {
    const { file, onResult } = this.#asking
    // Its task is gone. Should this one be killed, the next may want another result, and has to ask for it.
    file.asked.delete(key)
    file.save()
    onResult(key, result)
    this.#left.delete(key)
  }

  /** Says once that nobody is there, and again when nobody is there again. */
  async #look(out: ConfirmChannel, tasks: string): Promise<void> {
    const { consumerCount } = await out.checkQueue(tasks)
    if (consumerCount === 0 && !this.#toldAlone) {
      const { version, tell } = this.#asking
      tell(
        `No grader with this version of the lab (${version}) is running yet. Start one: npm run -s grader -- --queue URL`,
      )
    }
    this.#toldAlone = consumerCount === 0
  }
}

function readResultOr(content: Buffer): ResultMessage | Error {
  try {
    return readResult(content)
  } catch (error) {
    return error as Error
  }
}
