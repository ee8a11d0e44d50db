import type { Change, Thing } from '../shared/things.ts'

/** The one kind of thing. */
export type ThingOf<Kind extends Thing['kind']> = Extract<Thing, { kind: Kind }>

/**
 * What there is, while a recording is gone through event by event. Whatever changes is noted, and taken with `take()` after
 * each event; so is which queue and which tasks the event is about, and what the wire can't know of it.
 */
export class World {
  /** By kind and ID: there are thousands of tasks, and a few of anything else. */
  readonly #things = new Map<Thing['kind'], Map<string, Thing>>()
  readonly #counts = new Map<string, number>()
  #changes: Change[] = []
  #doubts: string[] = []
  #queue: string | undefined
  #tasks = new Set<string>()

  /** A new thing with an ID of its own: 'task 12'. */
  add(thing: Thing): string {
    const count = (this.#counts.get(thing.kind) ?? 0) + 1
    this.#counts.set(thing.kind, count)
    const id = `${thing.kind} ${count}`
    this.#set(id, thing)
    return id
  }

  get<Kind extends Thing['kind']>(kind: Kind, id: string | undefined): ThingOf<Kind> | undefined {
    return id === undefined ? undefined : (this.#of(kind).get(id) as ThingOf<Kind> | undefined)
  }

  /** All of a kind that suit, with their IDs, in the order in which they came. */
  find<Kind extends Thing['kind']>(
    kind: Kind,
    suits: (thing: ThingOf<Kind>) => boolean = () => true,
  ): { id: string; thing: ThingOf<Kind> }[] {
    const found: { id: string; thing: ThingOf<Kind> }[] = []
    for (const [id, thing] of this.#of(kind) as Map<string, ThingOf<Kind>>) if (suits(thing)) found.push({ id, thing })
    return found
  }

  /** Puts a changed thing in the place of what it was. */
  change(id: string, thing: Thing): void {
    if (this.#of(thing.kind).has(id)) this.#set(id, thing)
  }

  remove(id: string): void {
    for (const things of this.#things.values()) if (things.delete(id)) this.#changes.push([id, null])
  }

  /** What the wire can't know of this event. */
  doubt(sentence: string): void {
    this.#doubts.push(sentence)
  }

  /** The event is about this queue, about this task. */
  about({ queue, task }: { queue?: string | undefined; task?: string | undefined }): void {
    this.#queue ??= queue
    if (task !== undefined) this.#tasks.add(task)
  }

  /** What the event has changed and is about; and the next one begins. */
  take(): { changes: Change[]; doubts: string[]; queue: string | undefined; tasks: string[] } {
    const taken = { changes: this.#changes, doubts: this.#doubts, queue: this.#queue, tasks: [...this.#tasks] }
    this.#changes = []
    this.#doubts = []
    this.#queue = undefined
    this.#tasks = new Set()
    return taken
  }

  #set(id: string, thing: Thing): void {
    this.#of(thing.kind).set(id, thing)
    this.#changes.push([id, thing])
  }

  #of(kind: Thing['kind']): Map<string, Thing> {
    const known = this.#things.get(kind)
    if (known) return known
    const made = new Map<string, Thing>()
    this.#things.set(kind, made)
    return made
  }
}
