import { visible } from '../../text/visible.ts'

interface Named {
  id: string
  lesson: string
}

const SHOWN = 3

/** How far the grading of a class is, in words. */
export class Progress {
  readonly #left = new Map<string, number>()
  readonly #students: number
  readonly #total: number
  readonly #begun: Named[] = []
  readonly #again = new Set<string>()
  #done = 0

  constructor(tasks: Named[]) {
    for (const { id } of tasks) this.#left.set(id, (this.#left.get(id) ?? 0) + 1)
    this.#students = this.#left.size
    this.#total = tasks.length
  }

  begin(task: Named): void {
    this.#begun.push(task)
  }

  end(task: Named): void {
    this.#begun.splice(this.#begun.indexOf(task), 1)
    const key = `${task.id}\0${task.lesson}`
    // What is judged again was counted the first time.
    if (this.#again.has(key)) return
    this.#again.add(key)
    this.#done++
    const left = (this.#left.get(task.id) ?? 1) - 1
    if (left > 0) this.#left.set(task.id, left)
    else this.#left.delete(task.id)
  }

  /** '12 of 30 students, 88 of 210 lessons, about 4 min left; now: anna 04, ben 05' */
  text(ms: number): string {
    const students = this.#students - this.#left.size
    const left = this.#done === 0 ? '' : `, ${remaining(((this.#total - this.#done) * ms) / this.#done)}`
    const now = this.#begun.slice(0, SHOWN).map(({ id, lesson }) => `${visible(id)} ${lesson.slice(0, 2)}`)
    const more = this.#begun.length > SHOWN ? ` and ${this.#begun.length - SHOWN} more` : ''
    const running = now.length === 0 ? '' : `; now: ${now.join(', ')}${more}`
    const again = this.#done === this.#total ? ', judging again what ran out of time' : left
    return `${students} of ${this.#students} students, ${this.#done} of ${this.#total} lessons${again}${running}`
  }
}

function remaining(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 1 ? 'less than a minute left' : `about ${minutes} min left`
}
