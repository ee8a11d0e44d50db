import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker } from '../broker/broker.ts'
import { decidedIn } from '../check/decided.ts'
import { keptIfThere } from '../check/kept.ts'
import { loadCheck } from '../check/load.ts'
import type { Session } from '../check/session.ts'
import { type Comparison, compareBoth } from '../compare/comparison.ts'
import { LabError } from '../errors.ts'
import { readIfThere, shown } from '../lessons/files.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import type { Tree } from '../lessons/tree.ts'
import type { CheckReport, LessonReport } from '../report/report.ts'
import { ROOT } from '../root.ts'
import { NO_SOLUTIONS, studentEdition } from '../which-edition.ts'
import { judge } from './judging.ts'

export interface Comparing {
  lesson: Lesson
  tree: Tree
  /** A broker of the caller's, in place of the session's own. */
  on?: Broker
  signal?: AbortSignal
  /** Where a broken progress file is told. */
  tell: (notice: string) => void
}

/** The two files. @throws LabError 'nothing-to-compare' where one of them is missing */
export async function filesOf({ lesson, tree }: Pick<Comparing, 'lesson' | 'tree'>) {
  if (studentEdition(ROOT))
    throw new LabError('no-solutions', NO_SOLUTIONS, { advice: 'A hint may help: npm run lab, then h.' })
  const [yours, solution] = await Promise.all([readIfThere(tree.file(lesson)), readIfThere(lesson.solution)])
  if (yours === undefined) {
    throw new LabError('nothing-to-compare', `There is no ${pathOf(tree.file(lesson))} to compare.`, {
      advice: tree.isStudents ? 'npm run lab creates it when you read the lesson.' : 'Check --tree and the lesson.',
    })
  }
  if (solution === undefined) {
    throw new LabError('nothing-to-compare', `There is no ${pathOf(lesson.solution)} to compare with.`, {
      advice: 'Restore it: git restore solutions',
    })
  }
  return { yours, solution }
}

/** Judges an exercise and the solution, keeps what was seen of both, and lays them beside each other. */
export async function comparing(session: Session, { lesson, tree, tell, ...how }: Comparing): Promise<Comparison> {
  const files = await filesOf({ lesson, tree })
  const seen = await mkdtemp(join(tmpdir(), 'cluster-up-seen-'))
  const folder = { yours: join(seen, 'yours'), solution: join(seen, 'solution') }
  try {
    const yours = await judge(session, { ...how, lessons: [lesson], tree, record: folder.yours, advice: false, tell })
    const wanted = { lessons: [lesson.name], tree: join(ROOT, 'solutions'), record: folder.solution }
    const solution = await session.check({ ...how, ...wanted })
    return compareBoth({
      heading: `${shortName(lesson)} ${lesson.title}`,
      broker: yours.broker ?? solution.broker,
      yours: { file: pathOf(tree.file(lesson)), source: files.yours, report: only(yours, lesson) },
      solution: { file: pathOf(lesson.solution), source: files.solution, report: only(solution, lesson) },
      notes: await readIfThere(lesson.notes),
      recordingOf: (whose, scenario) => keptIfThere(folder[whose], lesson.name, scenario),
      decided: decidedIn(await loadCheck(lesson.name, ROOT), (scenario) =>
        keptIfThere(folder.yours, lesson.name, scenario),
      ),
    })
  } finally {
    await rm(seen, { recursive: true, force: true })
  }
}

function only({ lessons: [report] }: CheckReport, { name }: Lesson): LessonReport {
  if (!report) throw new Error(`The check of ${name} left no report.`)
  return report
}

/** From the project where it is in there, else as it is. */
function pathOf(file: string): string {
  const path = shown(ROOT, file)
  return path.startsWith('..') ? file : path
}
