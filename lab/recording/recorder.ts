import { performance } from 'node:perf_hooks'
import * as v from 'valibot'
import { describe } from './describe.ts'
import { whenOver } from './patience.ts'
import type { RecordedEvent, ToldEvent, Unstamped } from './recording.ts'
import { TOLD, type Told } from './words/told.ts'

export interface WaitOptions {
  /** How long to wait, in milliseconds; longer on a busy machine (patience.ts). */
  limitMs?: number
  signal?: AbortSignal
  /** Look only at events that come after this one. Without it, one that is there already will do. */
  after?: RecordedEvent
  /** How many must match; the last of them is returned. Default 1. */
  count?: number
}

/** Thrown by a wait that ended in vain. The recording then holds an 'awaited' event. */
export class NeverCame extends Error {
  constructor(what: string, limitMs: number) {
    super(`waited ${limitMs} ms for ${what}`)
    this.name = 'NeverCame'
  }
}

/** For a catch(): what never came is in the recording, and the scenario goes on. */
export function goOn(error: unknown): void {
  if (!(error instanceof NeverCame)) throw error
}

/** Long enough for a slow, busy machine; a wait ends as soon as what it waits for is there. */
export const DEFAULT_LIMIT_MS = 10_000
const INSTEAD = 4
/** Many times what the busiest mistake of any lesson leaves. */
const MOST_EVENTS = 400_000
/** What a service sends without being asked by a delivery; lesson 06 has it publish some thousands. */
const UNASKED: Record<string, number> = { 'basic.publish': 1, heartbeat: 20 }
const MOST_UNASKED = 40_000

/**
 * Collects what happens in a scenario, stamps it on one clock, and lets the scenario wait for it in words.
 *
 *   note(event) ──▶ events[] ──▶ waiters look at each new event
 */
export class Recorder {
  readonly events: RecordedEvent[] = []
  readonly #startedAt = performance.now()
  /** More than this, and the recording ends: reading, sending and judging it would take the lab down. */
  readonly mostEvents: number
  readonly #listeners = new Set<(event: RecordedEvent) => void>()
  #connections = 0
  /** What ends each wait that is pending, and leaves it pending. */
  readonly #waits = new Set<() => void>()
  #stopped = false
  #isCutOff = false
  #unasked = 0
  readonly #full = Promise.withResolvers<never>()

  constructor(mostEvents = MOST_EVENTS) {
    this.mostEvents = mostEvents
    this.#full.promise.catch(() => {})
  }

  /** Milliseconds since the recorder was made. */
  now(): number {
    return Math.round((performance.now() - this.#startedAt) * 100) / 100
  }

  /** `ms`: when it happened, where that was a moment ago. Nothing else may have been noted since. */
  note<E extends Unstamped>(event: E, ms = this.now()): RecordedEvent {
    const { kind, ...rest } = event as Unstamped<RecordedEvent> & Record<string, unknown>
    const stamped = { kind, ms, ...rest } as RecordedEvent
    if (this.#stopped) return stamped
    this.events.push(stamped)
    this.#count(event)
    for (const listener of this.#listeners) listener(stamped)
    return stamped
  }

  /** Notes what a process told. What does not fit its schema is dropped: the process runs the student's code. */
  noteTold(student: number, name: string, data: unknown): void {
    if (!Object.hasOwn(TOLD, name)) return
    const parsed = v.safeParse(TOLD[name as keyof Told].schema, data)
    if (parsed.success) this.note({ kind: 'told', student, name, data: parsed.output } as Unstamped<ToldEvent>)
  }

  /** The number of one more connection, from 1: several wires of one recording count on together. */
  nextConnection(): number {
    return ++this.#connections
  }

  /** Closes the recording: what is noted from now on is dropped. */
  stop(): void {
    this.#stopped = true
  }

  /**
   * Ends the recording in the middle of its scenario, and says so. Waits don't come to an end any more: what the scenario
   * would do next is not done.
   */
  cutOff(limitMs: number): void {
    this.note({ kind: 'cut-off', limitMs })
    this.stop()
    this.#isCutOff = true
    for (const end of this.#waits) end()
  }

  /** Ends the recording: the exercise does so much that nobody can look at all of it. */
  flood(what: string): void {
    if (this.#stopped) return
    this.note({
      kind: 'finding',
      student: 1,
      id: 'recording-flood',
      sentence: `${what}, so the lab ended the scenario.`,
      detail: 'Does it publish, connect or send heartbeats in a loop that never waits?',
    })
    this.stop()
    this.#isCutOff = true
    for (const end of this.#waits) end()
    this.#full.reject(new NeverCame('the end of what happened', 0))
  }

  #count(event: Unstamped): void {
    if (this.events.length === this.mostEvents)
      this.flood(`Your service and the broker exchanged more than ${this.mostEvents} frames and other events`)
    if (event.kind !== 'frame' || event.from !== 'student') return
    const weight = UNASKED[event.method] ?? 0
    this.#unasked += weight
    if (weight > 0 && this.#unasked >= MOST_UNASKED)
      this.flood(`Your service sent far more than any task needs (${event.method}, again and again)`)
  }

  /** Rejects when the recording is full: there is no more to see. */
  get full(): Promise<never> {
    return this.#full.promise
  }

  /** Calls `listener` for each event from now on. Returns the function that ends it. */
  listen(listener: (event: RecordedEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Resolves with the event that makes `matches` true for the `count`th time; at once where it is there already.
   * @param what in words, for the message: 'a basic.ack', 'the handler to begin'
   * @throws NeverCame after `limitMs`, once the recording says so; the signal's reason when aborted
   */
  async waitFor(
    what: string,
    matches: (event: RecordedEvent) => boolean,
    options: WaitOptions = {},
  ): Promise<RecordedEvent> {
    const { limitMs = DEFAULT_LIMIT_MS, signal, after, count = 1 } = options
    signal?.throwIfAborted()
    if (this.#isCutOff) return new Promise(() => {})
    const since = after === undefined ? 0 : this.events.indexOf(after) + 1
    let seen = 0
    for (const event of this.events.slice(since)) if (matches(event) && ++seen === count) return event

    const { promise, resolve, reject } = Promise.withResolvers<RecordedEvent>()
    const stop = this.listen((event) => {
      if (matches(event) && ++seen === count) resolve(event)
    })
    const from = this.now()
    const callOff = whenOver(limitMs, () => {
      const instead = this.events.slice(since).map(describe).filter(Boolean).slice(-INSTEAD)
      this.note({ kind: 'awaited', what, limitMs, waitedMs: Math.round(this.now() - from), instead })
      reject(new NeverCame(what, limitMs))
    })
    const aborted = () => reject(signal?.reason)
    signal?.addEventListener('abort', aborted, { once: true })
    const end = () => {
      this.#waits.delete(end)
      stop()
      callOff()
      signal?.removeEventListener('abort', aborted)
    }
    this.#waits.add(end)
    return promise.finally(end)
  }
}
