import type { RecordedEvent, Stage } from '../../lab/check/evidence.ts'
import type { Student } from '../../lab/student/student.ts'
import type { Answer, Question } from './stored.ts'
import type { Events } from './tasks.ts'

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

  /** What is kept silent is done all the same: an id is in the store, and the process never hears of it. */
  constructor({ recorder }: Stage, treat: (question: Question) => Treatment = () => 'answer') {
    this.#treat = treat
    recorder.listen((event) => {
      if (event.kind !== 'told' || event.name !== 'store') return
      const student = this.#students.get(event.student)
      if (student) this.#asked(student, event.data as Question)
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

  #tell(student: Student, answer: Answer): void {
    student.tell('store-answer', answer)
  }
}

/** What the exercise asked of its store. */
export function asked({ events }: Events, what: Question['what'], id?: string | null) {
  return events.flatMap((event) => {
    if (event.kind !== 'told' || event.name !== 'store') return []
    const question = event.data as Question
    return question.what === what && (id === undefined || question.id === id)
      ? [{ ...question, student: event.student, event }]
      : []
  })
}

/** The store's word that an id is kept now; missing where it never said so. */
export function kept({ events }: Events, id: string): RecordedEvent | undefined {
  return events.find((event) => {
    if (event.kind !== 'asked' || event.name !== 'store-answer') return false
    const answer = event.data as Answer
    return answer.what === 'add' && answer.id === id && answer.error === undefined
  })
}
