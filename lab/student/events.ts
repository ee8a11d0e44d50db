import type { Recorder, WaitOptions } from '../recording/recorder.ts'
import type { RecordedEvent, Unstamped } from '../recording/recording.ts'
import { awaited } from './awaited.ts'
import type { Finding } from './findings/finding.ts'
import { StudentGone } from './gone.ts'

/** What a recording can hold about a student's process. */
export type StudentEvent = Extract<RecordedEvent, { student: number }>
type Details<K extends StudentEvent['kind']> = Omit<Extract<StudentEvent, { kind: K }>, 'kind' | 'ms' | 'student'>

/** The part of a recording that is about one student's process: what is noted there, and waiting for it. */
export class StudentEvents {
  readonly #recorder: Recorder
  readonly #student: number
  #found = false

  constructor(recorder: Recorder, student: number) {
    this.#recorder = recorder
    this.#student = student
  }

  note<K extends StudentEvent['kind']>(kind: K, details: Details<K>): RecordedEvent {
    // That the details are those of this kind is lost on the compiler here.
    return this.#recorder.note({ kind, student: this.#student, ...details } as unknown as Unstamped)
  }

  /** Notes what the process told, where it fits the schema of such a message. */
  noteTold(name: string, data: unknown): void {
    this.#recorder.noteTold(this.#student, name, data)
  }

  /** Notes what the lab has found out. Only the first finding counts: others follow from it. */
  find(finding: Finding): void {
    if (this.#found) return
    this.#found = true
    this.note('finding', finding)
  }

  /** @throws NeverCame */
  waitFor(what: string, matches: (event: StudentEvent) => boolean, options: WaitOptions = {}): Promise<RecordedEvent> {
    return this.#recorder.waitFor(what, (event) => this.#isOwn(event) && matches(event), options)
  }

  /** Waits for what can't come any more once the process has ended. @throws NeverCame, StudentGone */
  async unlessGone(
    what: string,
    matches: (event: StudentEvent) => boolean,
    options: WaitOptions,
  ): Promise<RecordedEvent> {
    let seen = 0
    const wanted = options.count ?? 1
    const comesOrEnds = (event: StudentEvent) => {
      // Further events may still pass by between the one that was wanted and the end of the wait.
      if (seen < wanted && matches(event)) seen++
      return seen === wanted || isExit(event)
    }
    const event = await this.waitFor(what, comesOrEnds, { ...options, count: 1 })
    if (seen === wanted) return event
    this.#recorder.note({ kind: 'awaited', what, limitMs: 0, instead: [awaited.insteadExited] })
    throw new StudentGone(`the process ended before ${what}`)
  }

  #isOwn(event: RecordedEvent): event is StudentEvent {
    return 'student' in event && event.student === this.#student
  }
}

export function isExit(event: StudentEvent): boolean {
  return event.kind === 'process' && event.what === 'exited'
}
