import type { ExpectationReport, LessonReport } from '../report/report.ts'
import type { ClassSetting, Graded } from './graded.ts'
import { type LessonPoints, rounded } from './points/points.ts'

/** One student's row of the overview. */
export interface OverviewRow {
  id: string
  file: string
  name: string | undefined
  section: string | undefined
  cells: LessonPoints[]
  points: number
  most: number
  open: string[]
  notes: string[]
}

export interface Who {
  id: string
  file: string
}

/** A misconception, and who has it. */
export interface Spread {
  lesson: string
  id: string
  /** What the lab says of it. */
  says: string
  who: Who[]
  /** How many submissions of the lesson were judged. */
  of: number
  /** One of them, with what shows it. */
  example: Who & Pick<ExpectationReport, 'title' | 'message' | 'at' | 'trace'>
}

export interface LostAtStep {
  lesson: string
  step: number
  title: string
  /** How many fell short of it, of those who were judged. */
  failed: number
  of: number
  /** Points lost in the mean of these. */
  mean: number
  most: number
}

export interface Overview {
  rows: OverviewRow[]
  /** The widest spread first. */
  misconceptions: Spread[]
  lost: LostAtStep[]
  unsolved: { lesson: string; step: number; title: string; of: number }[]
  checks: { lesson: string; students: number; mean: number }[]
  brokers: string[]
}

/** Sums a class up, one student after the other: of each it keeps a row, of each misconception one example. */
export class OverviewBuilder {
  readonly #setting: ClassSetting
  readonly #rows: OverviewRow[] = []
  readonly #spreads = new Map<string, Spread>()
  readonly #steps = new Map<string, LostAtStep & { lost: number }>()
  readonly #expectations = new Map<
    string,
    { lesson: string; step: number; title: string; of: number; solved: number }
  >()
  readonly #judged = new Map<string, number>()
  readonly #checks = new Map<string, number[]>()
  readonly #brokers = new Set<string>()

  constructor(setting: ClassSetting) {
    this.#setting = setting
  }

  add({ record, student, points, file }: Graded): void {
    const who = { id: record.id, file }
    this.#rows.push({
      ...who,
      name: student?.name,
      section: student?.section,
      cells: points.lessons,
      points: points.points,
      most: points.most,
      open: points.open,
      notes: record.notes,
    })
    for (const [lesson, count] of Object.entries(record.checks ?? {})) {
      if (count > 0) this.#checks.set(lesson, [...(this.#checks.get(lesson) ?? []), count])
    }
    for (const lesson of points.lessons) {
      const { judged } = record.lessons[lesson.lesson] ?? {}
      if (judged === undefined || judged.report.verdict === 'error') continue
      const { broker } = judged
      if (broker) this.#brokers.add(`${broker.product} ${broker.version} (${broker.kind})`)
      this.#judged.set(lesson.lesson, (this.#judged.get(lesson.lesson) ?? 0) + 1)
      this.#addMisconceptions(lesson.lesson, judged.report, who)
      this.#addSteps(lesson)
      this.#addExpectations(lesson.lesson, judged.report)
    }
  }

  #addMisconceptions(lesson: string, { expectations }: LessonReport, who: Who): void {
    const seen = new Set<string>()
    for (const { misconception, title, message = '', at, trace } of expectations) {
      if (misconception === undefined || seen.has(misconception)) continue
      seen.add(misconception)
      const key = `${lesson} ${misconception}`
      const known = this.#spreads.get(key)
      if (known) {
        known.who.push(who)
        continue
      }
      const { misconceptions } = this.#setting.lessons.find(({ name }) => name === lesson) ?? {}
      const says = misconceptions?.[misconception]?.says ?? message.split('\n')[0] ?? misconception
      const example = { ...who, title, message, ...(at ? { at } : {}), ...(trace ? { trace } : {}) }
      this.#spreads.set(key, { lesson, id: misconception, says, who: [who], of: 0, example })
    }
  }

  #addSteps({ lesson, steps }: LessonPoints): void {
    for (const { step, title, state, points, most } of steps) {
      if (state === 'undecided') continue
      const key = `${lesson} ${step}`
      const known = this.#steps.get(key) ?? { lesson, step, title, failed: 0, of: 0, mean: 0, most, lost: 0 }
      known.of++
      if (state === 'failed') known.failed++
      known.lost += most - points
      this.#steps.set(key, known)
    }
  }

  #addExpectations(lesson: string, { expectations }: LessonReport): void {
    for (const { step, title, verdict } of expectations) {
      const key = `${lesson} ${title}`
      const known = this.#expectations.get(key) ?? { lesson, step, title, of: 0, solved: 0 }
      if (verdict === 'passed') known.solved++
      if (verdict === 'passed' || verdict === 'failed' || verdict === 'not-reached') known.of++
      this.#expectations.set(key, known)
    }
  }

  build(): Overview {
    const inOrder = (one: { lesson: string; step: number }, other: { lesson: string; step: number }) =>
      one.lesson.localeCompare(other.lesson) || one.step - other.step
    return {
      rows: this.#rows,
      misconceptions: [...this.#spreads.values()]
        .map((spread) => ({ ...spread, of: this.#judged.get(spread.lesson) ?? 0 }))
        .sort(
          (one, other) =>
            other.who.length / other.of - one.who.length / one.of || one.lesson.localeCompare(other.lesson),
        ),
      lost: [...this.#steps.values()]
        .map(({ lost, ...step }) => ({ ...step, mean: rounded(lost / step.of) }))
        .sort(inOrder),
      unsolved: [...this.#expectations.values()]
        .filter(({ solved, of }) => solved === 0 && of > 0)
        .map(({ solved: _, ...expectation }) => expectation)
        .sort(inOrder),
      checks: [...this.#checks]
        .map(([lesson, counts]) => ({
          lesson,
          students: counts.length,
          mean: rounded(counts.reduce((sum, count) => sum + count, 0) / counts.length),
        }))
        .sort((one, other) => other.mean - one.mean),
      brokers: [...this.#brokers].sort(),
    }
  }
}
