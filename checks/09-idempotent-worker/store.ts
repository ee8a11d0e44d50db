import type { Stage } from '../../lab/check/stage.ts'
import type { Asked } from '../../lab/recording/words/asked.ts'
import type { Told } from '../../lab/recording/words/told.ts'
import type { Student } from '../../lab/student/student.ts'

export type Question = Told['store']

/** How the store treats a question: as it should, with an error, later, or never. */
export type Treatment = 'answer' | 'reject' | 'wait' | 'keep silent'

export const STORE_ERROR = 'The lab made the store fail.'

/**
 * A store of ids in the lab. It serves every process of a scenario, and so outlives each of them.
 *
 *   exercise ── has, add ──▶ driver ── told 'store' ──▶ the lab: `treat` decides
 *            ◀───────────────────── tell 'store-answer' ──
 */
export class Store {
  readonly #ids = new Set<string>()
  readonly #students = new Map<number, Student>()
  readonly #treat: (question: Question) => Treatment
  readonly #waiting: { student: Student; question: Question }[] = []

  /**
   * What is kept silent is done all the same: an id is in the store, and the process never hears of it.
   *
   * @param ids are in the store from the beginning
   */
  constructor({ recorder }: Stage, treat: (question: Question) => Treatment = () => 'answer', ids: string[] = []) {
    this.#treat = treat
    for (const id of ids) this.#ids.add(id)
    recorder.listen((event) => {
      if (event.kind !== 'told' || event.name !== 'store') return
      const student = this.#students.get(event.student)
      if (student) this.#asked(student, event.data)
    })
  }

  serve(student: Student): void {
    this.#students.set(student.number, student)
  }

  /** Answers what was made to wait, in the order in which it was asked. */
  answerAll(): void {
    for (const { student, question } of this.#waiting.splice(0)) this.#answer(student, question)
  }

  #asked(student: Student, question: Question): void {
    const treatment = this.#treat(question)
    if (treatment === 'answer') this.#answer(student, question)
    else if (treatment === 'wait') this.#waiting.push({ student, question })
    else if (treatment === 'reject') this.#tell(student, { ...question, error: STORE_ERROR })
    else this.#does(question)
  }

  #answer(student: Student, question: Question): void {
    this.#tell(student, { ...question, value: this.#does(question) })
  }

  #does({ what, id }: Question): boolean {
    if (what === 'add' && id !== null) this.#ids.add(id)
    return id !== null && this.#ids.has(id)
  }

  #tell(student: Student, answer: Asked['store-answer']): void {
    student.tell('store-answer', answer)
  }
}

/** More failures in a row than people count to; fewer where each takes its time, since whoever pauses is right as well. */
export const FAILURES = 12
const FAILING_MS = 1500

/** True several times in a row, and then never again. */
export function severalTimes(): () => boolean {
  let times = 0
  let since: number | undefined
  return () => {
    since ??= performance.now()
    times++
    return times <= FAILURES && (times <= 2 || performance.now() - since < FAILING_MS)
  }
}
