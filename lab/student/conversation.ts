import { safeParse } from 'valibot'
import type { RecordedEvent } from '../recording/recording.ts'
import type { Asked } from '../recording/words/asked.ts'
import { awaited } from './awaited.ts'
import type { StudentEvent, StudentEvents } from './events.ts'
import { slowToLoad } from './findings/load.ts'
import type { Own } from './findings/own-file.ts'
import * as findings from './findings.ts'
import { FromStudent } from './heard.ts'
import type { StudentProcess } from './process.ts'
import type { LoadRequest } from './protocol.ts'
import type { Watchdog } from './watchdog.ts'

/** What the lab and a student's process say to each other; see protocol.ts. What is said about the exercise is noted. */
export class Conversation {
  readonly #process: StudentProcess
  readonly #events: StudentEvents
  readonly #watchdog: Watchdog
  readonly #own: Own
  /** What calls are about, for those that tell of their end. */
  readonly #tasks = new Map<number, string>()
  #callCount = 0

  constructor(process: StudentProcess, events: StudentEvents, watchdog: Watchdog, own: Own) {
    this.#process = process
    this.#events = events
    this.#watchdog = watchdog
    this.#own = own
    process.hear((message) => this.#receive(message))
  }

  /** Has the exercise loaded, and its driver. Resolves false, with a finding, when that fails. */
  async load(request: Omit<LoadRequest, 'type'>, limitMs: number): Promise<boolean> {
    this.#process.send({ type: 'load', ...request })
    const isOver = (event: StudentEvent) =>
      event.kind === 'finding' || (event.kind === 'process' && /^(loaded|exited)$/.test(event.what))
    try {
      const event = await this.#events.waitFor(awaited.loaded, isOver, { limitMs })
      return event.kind === 'process' && event.what === 'loaded'
    } catch {
      this.#events.find(slowToLoad(limitMs, this.#own))
      return false
    }
  }

  /** @returns the call's number */
  call(name: string, args: object): number {
    const id = ++this.#callCount
    if ('task' in args && typeof args.task === 'string') this.#tasks.set(id, args.task)
    this.#events.note('called', { name, id, args: { ...args } })
    this.#process.send({ type: 'call', id, name, args })
    return id
  }

  tell<Name extends keyof Asked>(name: Name, data: Asked[Name]): RecordedEvent {
    const event = this.#events.note('asked', { name, data })
    this.#process.send({ type: 'tell', name, data })
    return event
  }

  /** The process runs the student's code: nothing that it says is believed without the schema. */
  #receive(raw: unknown): void {
    const parsed = safeParse(FromStudent, raw)
    if (!parsed.success) return
    const message = parsed.output
    switch (message.type) {
      case 'ready':
        this.#watchdog.ready()
        return
      case 'loaded':
        this.#process.loaded()
        this.#events.note('process', { what: 'loaded' })
        return
      case 'load-failed':
        this.#events.find(findings.notLoaded(message, this.#own))
        return
      case 'told':
        this.#events.noteTold(message.name, message.data)
        return
      case 'settled': {
        const { type: _, ...data } = message
        if (data.error !== undefined) data.error = findings.inPlainWords(data.error, this.#own)
        const task = this.#tasks.get(message.id)
        this.#events.noteTold('settled', { ...data, ...(task !== undefined && { task }) })
        return
      }
      case 'socket':
        this.#events.note('socket', { port: message.port })
        return
      case 'site': {
        const { type: _, ...site } = message
        this.#events.note('site', site)
        return
      }
      case 'pong':
        this.#watchdog.pong(message)
        return
      case 'child': {
        const { type: _, what, ...data } = message
        if (what === 'started') this.#process.childStarted(message.pid)
        else this.#process.childExited(message.pid)
        this.#events.noteTold(`child-${what}`, data)
        return
      }
      case 'dying':
        this.#process.isDyingOf(message)
        return
    }
  }
}
