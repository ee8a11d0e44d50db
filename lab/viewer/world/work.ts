import type { RecordedEvent, ToldEvent } from '../../recording/recording.ts'
import type { World } from './world.ts'

/** The student's processes, the handlers at work in them, and what the lab breaks. */
export class Work {
  readonly #world: World
  readonly #several: boolean
  /** Handlers by process and call, or by worker and task. */
  readonly #handlers = new Map<string, string>()
  /** Processes by number, or by the nth that the exercise started. */
  readonly #processes = new Map<string, string>()
  readonly #faults = new Map<string, string>()
  readonly #nodes = new Map<string, string>()
  /** Handlers that end by themselves: they are at work for the moment in which they begin. */
  #brief: string[] = []

  constructor(world: World, several: boolean) {
    this.#world = world
    this.#several = several
  }

  follow(event: RecordedEvent): void {
    for (const id of this.#brief) this.#world.remove(id)
    this.#brief = []
    if (event.kind === 'process') this.#process(event)
    if (event.kind === 'told') this.#told(event)
    if (event.kind === 'asked' && event.name === 'finish') {
      for (const call of event.data.calls) this.#done(`${event.student}/${call}`)
      for (const task of event.data.tasks) this.#world.about({ task })
    }
    if (event.kind === 'fault') this.#fault(event)
    if (event.kind === 'broker') this.#node(event)
  }

  #process({ student, what, code, signal }: Extract<RecordedEvent, { kind: 'process' }>): void {
    const name = this.#nameOf(student)
    if (what === 'started') {
      this.#processes.set(`${student}`, this.#world.add({ kind: 'process', name, state: 'starting' }))
    }
    const id = this.#processes.get(`${student}`)
    if (id === undefined) return
    if (what === 'loaded') this.#world.change(id, { kind: 'process', name, state: 'running' })
    if (what === 'exited') {
      const how = signal ? `signal ${signal}` : `exit code ${code}`
      this.#world.change(id, { kind: 'process', name, state: 'ended', how })
      for (const [key, handler] of this.#handlers) if (key.startsWith(`${student}/`)) this.#world.remove(handler)
    }
  }

  #told(event: ToldEvent): void {
    if (event.name === 'began') {
      const { task, call, action, queue } = event.data
      const id = this.#world.add({ kind: 'handler', worker: this.#nameOf(event.student), task })
      this.#handlers.set(`${event.student}/${call}`, id)
      if (action !== 'hold') this.#brief.push(id)
      this.#world.about({ task, queue })
    }
    if (event.name === 'worker-started') {
      const { nth, pid } = event.data
      const name = `worker ${nth} (process ${pid})`
      this.#processes.set(`worker ${nth}`, this.#world.add({ kind: 'process', name, state: 'starting' }))
    }
    if (event.name === 'worker-ready') this.#worker(event.data.nth, 'running')
    if (event.name === 'worker-gone') {
      const { nth } = event.data
      this.#worker(nth, 'ended')
      for (const [key, handler] of this.#handlers) if (key.startsWith(`worker ${nth}/`)) this.#world.remove(handler)
    }
    if (event.name === 'worker-began') {
      const { nth, task } = event.data
      this.#handlers.set(`worker ${nth}/${task}`, this.#world.add({ kind: 'handler', worker: `worker ${nth}`, task }))
      this.#world.about({ task })
    }
    if (event.name === 'worker-done') {
      this.#done(`worker ${event.data.nth}/${event.data.task}`)
      this.#world.about({ task: event.data.task })
    }
    if (event.name === 'confirmed' || event.name === 'worked') this.#world.about({ task: event.data.task })
  }

  #worker(nth: number, state: 'running' | 'ended'): void {
    const id = this.#processes.get(`worker ${nth}`)
    const thing = this.#world.get('process', id)
    if (id !== undefined && thing !== undefined) this.#world.change(id, { ...thing, state })
  }

  #done(key: string): void {
    const id = this.#handlers.get(key)
    if (id !== undefined) this.#world.remove(id)
    this.#handlers.delete(key)
  }

  #fault({ name, on, detail }: Extract<RecordedEvent, { kind: 'fault' }>): void {
    const key = name
    const before = this.#faults.get(key)
    if (before !== undefined) this.#world.remove(before)
    this.#faults.delete(key)
    if (on) this.#faults.set(key, this.#world.add({ kind: 'fault', name, ...(detail === undefined ? {} : { detail }) }))
  }

  #node(event: Extract<RecordedEvent, { kind: 'broker' }>): void {
    if (event.what !== 'node-stopped' && event.what !== 'node-killed' && event.what !== 'node-frozen') return
    const name = event.data.node
    const thing = { kind: 'node', name, state: event.what.replace('node-', '') } as const
    const id = this.#nodes.get(name)
    if (id === undefined) this.#nodes.set(name, this.#world.add(thing))
    else this.#world.change(id, thing)
  }

  #nameOf(student: number): string {
    return this.#several ? `worker ${student}` : 'your service'
  }
}
