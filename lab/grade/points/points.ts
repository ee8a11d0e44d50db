import type { ExpectationReport, LessonReport } from '../../report/report.ts'
import { lateness } from './late.ts'
import type { Rubric } from './rubric.ts'

/** What became of a lesson of a submission, in the words of the contract; 'missing': it was not handed in. */
export type Outcome = LessonReport['verdict'] | 'missing' | 'not-yet'

export interface StepPoints {
  step: number
  title: string
  /** undecided: it could not be judged, and that says nothing of the student. */
  state: 'passed' | 'failed' | 'undecided'
  points: number
  most: number
}

export interface LessonPoints {
  lesson: string
  outcome: Outcome
  /** Null where they are not known: that is never zero. */
  points: number | null
  most: number
  steps: StepPoints[]
  /** What was taken off because it came late, in points. */
  lateBy: { days: number; points: number } | undefined
  /** It is one of the worst, which the rubric drops. */
  isDropped: boolean
}

export interface StudentPoints {
  lessons: LessonPoints[]
  /** Of the lessons that count and are decided. */
  points: number
  most: number
  /** Lessons whose points are not known. */
  open: string[]
}

/** What points are given for. */
export interface Judged {
  lesson: string
  /** Undefined: it was not handed in. */
  report: LessonReport | undefined
  /** It was handed in, and is not judged yet. */
  isWaiting?: boolean
  submittedMs?: number | undefined
}

/** The points of a student, by the rubric. */
export function pointsOf(judged: Judged[], rubric: Rubric): StudentPoints {
  const lessons = judged.map((each) => lessonPoints(each, rubric))
  const worst = lessons
    .filter(({ points }) => points !== null)
    .toSorted((one, other) => share(one) - share(other))
    .slice(0, rubric.dropWorst)
  for (const lesson of worst) lesson.isDropped = true
  const counted = lessons.filter(({ isDropped, points }) => !isDropped && points !== null)
  return {
    lessons,
    points: rounded(counted.reduce((sum, { points }) => sum + (points ?? 0), 0)),
    most: rounded(counted.reduce((sum, { most }) => sum + most, 0)),
    open: lessons.filter(({ points }) => points === null).map(({ lesson }) => lesson),
  }
}

function share({ points, most }: LessonPoints): number {
  return most === 0 ? 1 : (points ?? 0) / most
}

function lessonPoints({ lesson, report, isWaiting = false, submittedMs }: Judged, rubric: Rubric): LessonPoints {
  const own = rubric.lessons[lesson]
  const most = own?.points ?? rubric.points
  const common = { lesson, most, lateBy: undefined, isDropped: false }
  if (isWaiting) return { ...common, outcome: 'not-yet', points: null, steps: [] }
  if (report === undefined) return { ...common, outcome: 'missing', points: 0, steps: [] }
  const weighed = weightsOf(report, rubric, own?.steps, most)
  const steps = (report.steps ?? []).map(({ step, title }, index) => {
    const state = stateOf(report.expectations.filter((expectation) => expectation.step === step))
    const worth = rounded(weighed[index] ?? 0)
    return { step, title, state, points: state === 'passed' ? worth : 0, most: worth }
  })
  const isOpen = isUndecided(report) || steps.some(({ state }) => state === 'undecided')
  if (isOpen) return { ...common, outcome: report.verdict, points: null, steps }
  const earned = earnedOf(report, rubric, steps, most)
  const lateBy = lateness({ due: own?.due ?? rubric.late.due, submittedMs, earned, late: rubric.late })
  return { ...common, outcome: report.verdict, points: rounded(earned - (lateBy?.points ?? 0)), steps, lateBy }
}

function isUndecided({ verdict }: LessonReport): boolean {
  return verdict === 'error' || verdict === 'not-judged'
}

function earnedOf(report: LessonReport, { award, working }: Rubric, steps: StepPoints[], most: number): number {
  if (report.verdict === 'passed') return most
  if (award === 'working-and-passed') return report.working ? working * most : 0
  return Math.min(
    most,
    steps.reduce((sum, { points }) => sum + points, 0),
  )
}

/** What each step is worth, in points. */
function weightsOf(report: LessonReport, rubric: Rubric, weights: number[] | undefined, most: number): number[] {
  const count = report.steps?.length ?? 0
  if (rubric.award === 'working-and-passed') {
    const rest = count > 1 ? ((1 - rubric.working) * most) / (count - 1) : 0
    return Array.from({ length: count }, (_, index) =>
      index === 0 ? (count > 1 ? rubric.working * most : most) : rest,
    )
  }
  const each = Array.from({ length: count }, (_, index) => weights?.[index] ?? (weights ? 0 : 1))
  const sum = each.reduce((total, weight) => total + weight, 0)
  return each.map((weight) => (sum === 0 ? 0 : (weight / sum) * most))
}

function stateOf(expectations: ExpectationReport[]): StepPoints['state'] {
  const verdicts = new Set(expectations.map(({ verdict }) => verdict))
  if (verdicts.has('failed') || verdicts.has('not-reached')) return 'failed'
  return verdicts.has('not-judged') || verdicts.has('error') || verdicts.size === 0 ? 'undecided' : 'passed'
}

/** Cents of points are enough. */
export function rounded(points: number): number {
  return Math.round(points * 100) / 100
}
