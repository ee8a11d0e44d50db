import type { Change, Thing } from '../shared/things.ts'

/** The one kind of thing. */
export type ThingOf<Kind extends Thing['kind']> = Extract<Thing, { kind: Kind }>

/**
 * What there is, while a recording is gone through event by event. Whatever changes is noted, and taken with `take()` after
 * each event; so is which queue and which tasks the event is about, and what the wire can't know of it.
 */
export class World {
  readonly #things = new Map<string, Thing>()
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
    const thing = id === undefined ? undefined : this.#things.get(id)
    return thing?.kind === kind ? (thing as ThingOf<Kind>) : undefined
  }

  /** All of a kind that suit, with their IDs, in the order in which they came. */
  find<Kind extends Thing['kind']>(
    kind: Kind,
    suits: (thing: ThingOf<Kind>) => boolean = () => true,
  ): { id: string; thing: ThingOf<Kind> }[] {
    const found: { id: string; thing: ThingOf<Kind> }[] = []
    for (const [id, thing] of this.#things) {
      if (thing.kind === kind && suits(thing as ThingOf<Kind>)) found.push({ id, thing: thing as ThingOf<Kind> })
    }
    return found
  }

  /** Puts a changed thing in the place of what it was. */
  change(id: string, thing: Thing): void {
    if (this.#things.has(id)) this.#set(id, thing)
  }

  remove(id: string): void {
    if (!this.#things.delete(id)) return
    this.#changes.push([id, null])
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
    this.#things.set(id, thing)
    this.#changes.push([id, thing])
  }
}
