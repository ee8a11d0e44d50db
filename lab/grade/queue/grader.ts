import type { ConfirmChannel, ConsumeMessage, Options } from 'amqplib'
import { isByTimeLimit } from '../by-time-limit.ts'
import type { Judgement, Verdicts } from '../record.ts'
import type { QueueAddress } from './address.ts'
import { confirmed, type Link, overLinks } from './link.ts'
import { type ResultMessage, readTask, resultBody, type TaskMessage } from './messages.ts'
import { declareQueues, queueNames } from './queues.ts'
import { Quiet } from './quiet.ts'

/** How often whoever had a task in hand went away, as graders pass it on. */
const LOST = 'x-lost'
/** A task that so many graders died with is a dead letter. */
const MOST_LOST = 2
/** So many answers are kept, for a task that comes again because its acknowledgement was lost. */
const MOST_ANSWERS = 30

export interface Grading {
  address: QueueAddress
  /** Of the lab; see queues.ts. */
  version: string
  /** How many tasks it judges at a time. */
  room: number
  /** The hash of the part of the lab that judges a lesson; undefined where there is no such lesson. */
  labHashOf(lesson: string): string | undefined
  /** Judges once. Undefined: it was ended. Rejects where this machine can't judge it: the grader ends then. */
  judge(task: TaskMessage): Promise<Judgement | undefined>
  /** Ends it: what is being judged is finished and answered, the rest goes back. */
  signal: AbortSignal
  tell(text: string): void
  onBegun?(task: TaskMessage): void
  onAnswered?(result: ResultMessage): void
}

/** Judges tasks until the signal aborts. @throws what `judge` rejects with, and LabError where the broker refuses */
export async function runGrader(grading: Grading): Promise<void> {
  const grader = new Grader(grading)
  const ending = AbortSignal.any([grading.signal, grader.failing.signal])
  await overLinks(grading.address, { signal: ending, tell: grading.tell }, (link) => grader.work(link, ending))
  if (grader.failing.signal.aborted) throw grader.failing.signal.reason
}

/** What a task comes with: where it is acknowledged and answered. */
interface Delivery {
  from: ConfirmChannel
  out: ConfirmChannel
  queue: string
  message: ConsumeMessage
  ending: AbortSignal
}

class Grader {
  readonly failing = new AbortController()
  readonly #grading: Grading
  readonly #queues: ReturnType<typeof queueNames>
  readonly #quiet = new Quiet()
  /** What is being judged, by key: it goes on while the connection is lost. */
  readonly #inHand = new Map<string, Promise<Verdicts | undefined>>()
  readonly #answers = new Map<string, ResultMessage>()

  constructor(grading: Grading) {
    this.#grading = grading
    this.#queues = queueNames(grading.version)
  }

  /** Takes tasks over a connection; resolves when the grader ends and everything in hand is settled. */
  async work(link: Link, ending: AbortSignal): Promise<void> {
    const { tasks, alone } = this.#queues
    await declareQueues(link, this.#queues)
    const out = await link.channel()
    const handling = new Set<Promise<void>>()
    const consume = async (queue: string, prefetch: number) => {
      const from = await link.channel()
      await from.prefetch(prefetch)
      const { consumerTag } = await from.consume(queue, (message) => {
        if (message === null) return link.lose(new Error(`the queue ${queue} is gone`))
        const handled = this.#take({ from, out, queue, message, ending }).catch((error: Error) => link.lose(error))
        handling.add(handled)
        void handled.then(() => handling.delete(handled))
      })
      return () => from.cancel(consumerTag)
    }
    // Two channels: a task that came back is the only one that counts against its grader.
    const cancels = [await consume(tasks, this.#grading.room), await consume(alone, 1)]
    await aborted(ending)
    await Promise.all(cancels.map((cancel) => cancel()))
    while (handling.size > 0) await Promise.all(handling)
  }

  async #take(delivery: Delivery): Promise<void> {
    const { from, out, message, queue } = delivery
    const { dead, alone } = this.#queues
    const { content, properties } = message
    const task = readTaskOr(content, this.#grading.labHashOf)
    if (task instanceof Error) {
      this.#grading.tell(`A message isn't a valid task (${task.message.slice(0, 200)}). It was moved to ${dead}.`)
      await confirmed(out, dead, content, { headers: { ...properties.headers, 'x-reason': 'no task' } })
      return from.ack(message)
    }
    const known = this.#answers.get(task.key)
    if (known !== undefined) return await this.#answer(known, delivery)
    const lost = lostBefore(message)
    if (!this.#inHand.has(task.key)) {
      if (lost >= MOST_LOST) return await this.#bury(task, lost, delivery)
      if (lost > 0 && queue !== alone) {
        await confirmed(out, alone, content, { ...passedOn(message), headers: { [LOST]: lost } })
        return from.ack(message)
      }
    }
    const verdicts = await this.#judged(task, queue === alone, delivery.ending)
    if (verdicts === undefined) return await this.#putBack(lost, delivery)
    await this.#answer({ outcome: 'judged', key: task.key, ...verdicts }, delivery)
  }

  /** One run serves all deliveries of a task. */
  #judged(task: TaskMessage, isAlone: boolean, ending: AbortSignal): Promise<Verdicts | undefined> {
    const running = this.#inHand.get(task.key)
    if (running !== undefined) return running
    const begun = this.#judge(task, isAlone, ending)
      .catch((error: unknown) => {
        this.failing.abort(error)
        return undefined
      })
      .finally(() => this.#inHand.delete(task.key))
    this.#inHand.set(task.key, begun)
    return begun
  }

  /** What could be luck is judged once more with nothing beside it; so is what the lab failed at. */
  async #judge(task: TaskMessage, isAlone: boolean, ending: AbortSignal): Promise<Verdicts | undefined> {
    const once = async () => {
      if (ending.aborted) return undefined
      this.#grading.onBegun?.(task)
      return await this.#grading.judge(task)
    }
    const first = await (isAlone ? this.#quiet.alone(once) : this.#quiet.beside(once))
    if (first === undefined) return undefined
    const why = whyAgain(first)
    if (why === undefined) return { judgement: first }
    // Begun is finished, also where the grader ends meanwhile.
    const second = await this.#quiet.alone(() => this.#grading.judge(task))
    return second && { judgement: second, earlier: { judgement: { ...first, seen: undefined }, why } }
  }

  async #answer(result: ResultMessage, { from, out, message }: Delivery): Promise<void> {
    this.#answers.set(result.key, result)
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest)
    const { replyTo } = message.properties
    // Where the queue of the results is gone, so is the class.
    if (typeof replyTo === 'string') await confirmed(out, replyTo, resultBody(result), { correlationId: result.key })
    from.ack(message)
    this.#grading.onAnswered?.(result)
  }

  async #bury(task: TaskMessage, lost: number, delivery: Delivery): Promise<void> {
    const { dead } = this.#queues
    const reason = `${lost} graders stopped while they were judging it.`
    const { message, out, from } = delivery
    await confirmed(out, dead, message.content, { ...passedOn(message), headers: { [LOST]: lost, 'x-reason': reason } })
    const { replyTo } = message.properties
    const result: ResultMessage = { outcome: 'dead', key: task.key, reason }
    if (typeof replyTo === 'string') await confirmed(out, replyTo, resultBody(result), passedOn(message))
    from.ack(message)
    this.#grading.onAnswered?.(result)
  }

  /** As new as it was: a reject would count against it. */
  async #putBack(lost: number, { from, out, queue, message }: Delivery): Promise<void> {
    await confirmed(out, queue, message.content, { ...passedOn(message), headers: { [LOST]: lost } })
    from.ack(message)
  }
}

function readTaskOr(content: Buffer, labHashOf: Grading['labHashOf']): TaskMessage | Error {
  try {
    return readTask(content, labHashOf)
  } catch (error) {
    return error as Error
  }
}

/** A quorum queue counts how often it came back; a classic one only says that it did. */
function lostBefore({ fields, properties }: ConsumeMessage): number {
  const headers: Record<string, unknown> = properties.headers ?? {}
  const passed = typeof headers[LOST] === 'number' ? headers[LOST] : 0
  const counted = headers['x-delivery-count']
  if (typeof counted === 'number') return passed + counted
  return passed + (fields.redelivered && headers['x-acquired-count'] === undefined ? 1 : 0)
}

/** Whose a task is, and over which of the class's connections it was asked for. */
function passedOn({ properties }: ConsumeMessage): Pick<Options.Publish, 'replyTo' | 'correlationId' | 'messageId'> {
  const names = ['replyTo', 'correlationId', 'messageId'] as const
  return Object.fromEntries(
    names.flatMap((name) => (typeof properties[name] === 'string' ? [[name, properties[name]]] : [])),
  )
}

function whyAgain({ report }: Judgement): 'time-limit' | 'error' | undefined {
  if (report.verdict === 'error') return 'error'
  return isByTimeLimit(report) ? 'time-limit' : undefined
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
